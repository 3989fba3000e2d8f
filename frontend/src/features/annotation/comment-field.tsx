// Where a comment is typed; what could not be sent stays in it.
import { useId, useState } from "react";
import { Button } from "@/ui/button";

interface FieldProps {
  readonly label: string;
  readonly button: string;
  readonly isBusy: boolean;
  readonly initial?: string;
  readonly onSend: (text: string) => Promise<unknown>;
}

export function CommentField({ label, button, isBusy, initial = "", onSend }: FieldProps) {
  const id = useId();
  const [text, setText] = useState(initial);
  const isEmpty = text.trim() === "";
  const send = () => {
    if (isEmpty || isBusy) return;
    onSend(text.trim()).then(
      () => setText(""),
      () => undefined, // said beside the field
    );
  };
  return (
    <form
      className="field comment-field"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={2}
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const isSend = event.key === "Enter" && (event.ctrlKey || event.metaKey);
          if (isSend && !event.nativeEvent.isComposing) send();
        }}
      />
      <Button type="submit" size="small" disabled={isEmpty || isBusy}>
        {button} <kbd aria-hidden="true">Ctrl ⏎</kbd>
      </Button>
    </form>
  );
}
