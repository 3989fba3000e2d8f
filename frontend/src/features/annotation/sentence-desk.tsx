// The editor with what belongs around one sentence: why it is shown, what can be done with it.
import type { Schema } from "@/api/types";
import type { Ask, CommandName } from "@/core/command";
import type { EditorState } from "@/core/state";
import { Editor } from "@/editor/editor";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Notes } from "./notes";
import { useSender } from "./sender-context";
import { useDesk } from "./use-desk";
import type { Place } from "./use-desk";

interface DeskProps extends Place {
  readonly schema: Schema;
  readonly isFirst: boolean;
  readonly onLeave: (direction: "next" | "previous") => void;
}

function Why({ sentence }: Pick<Place, "sentence">) {
  const { t, language } = useI18n();
  const text = sentence.why.text[language];
  return (
    <p className="why" data-testid="why">
      <span className="badge badge-accent">{t("annotate.why")}</span> {text}
      {sentence.suggestion?.confidence === undefined ? null : (
        <span className="muted">
          {" "}
          · {t("annotate.confidence")} {Math.round(sentence.suggestion.confidence * 100)}%
        </span>
      )}
    </p>
  );
}

interface ActionsProps {
  readonly state: EditorState;
  readonly isFirst: boolean;
  readonly onPress: (key: string) => void;
}

const ACTIONS: readonly {
  readonly name: CommandName;
  readonly key: string;
  readonly cap: string;
}[] = [
  { name: "previous", key: "ArrowLeft", cap: "←" },
  { name: "next", key: "ArrowRight", cap: "→" },
  { name: "undo", key: "Ctrl+z", cap: "Ctrl Z" },
  { name: "redo", key: "Ctrl+Shift+z", cap: "Ctrl ⇧ Z" },
  { name: "help", key: "?", cap: "?" },
];

function Actions({ state, isFirst, onPress }: ActionsProps) {
  const { t } = useI18n();
  const isOff: Partial<Record<CommandName, boolean>> = {
    previous: isFirst,
    undo: state.history.done.length === 0,
    redo: state.history.undone.length === 0,
  };
  return (
    <div className="desk-actions">
      {ACTIONS.map(({ name, key, cap }) => (
        <Button
          key={name}
          weight="quiet"
          size="small"
          disabled={isOff[name] ?? false}
          onClick={() => onPress(key)}
        >
          {t(`annotate.${name}` as "annotate.previous")} <kbd aria-hidden="true">{cap}</kbd>
        </Button>
      ))}
      <span className="desk-spring" />
      <Button onClick={() => onPress("Space")}>
        {t("command.skip")} <kbd aria-hidden="true">␣</kbd>
      </Button>
      <Button weight="primary" data-testid="submit" onClick={() => onPress("Enter")}>
        {t("annotate.submit")} <kbd aria-hidden="true">⏎</kbd>
      </Button>
    </div>
  );
}

export function SentenceDesk({ projectId, sentence, schema, isFirst, onLeave }: DeskProps) {
  const sender = useSender();
  const { state, change, finish } = useDesk(sender, { projectId, sentence }, schema);
  const answer = (ask: Exclude<Ask, "help" | "palette">, last: EditorState) => {
    if (ask === "previous") onLeave("previous");
    else {
      if (ask !== "next") finish(last, ask);
      onLeave("next");
    }
  };
  return (
    <Editor
      state={state}
      onState={change}
      onAsk={answer}
      isStale={sentence.suggestion?.stale ?? false}
      above={<Why sentence={sentence} />}
      below={(press) => <Actions state={state} isFirst={isFirst} onPress={press} />}
      aside={<Notes state={state} onState={change} />}
    />
  );
}
