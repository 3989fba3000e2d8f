// One field for a code, and the button that sends it.
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Problem } from "@/ui/notice";

interface CodeFieldProps {
  readonly code: string;
  readonly onCode: (code: string) => void;
}

export function CodeField({ code, onCode }: CodeFieldProps) {
  const { t } = useI18n();
  return (
    <Field
      label={t("factor.code")}
      hint={t("factor.code_hint")}
      name="code"
      autoComplete="one-time-code"
      autoCapitalize="none"
      maxLength={40}
      required
      autoFocus
      value={code}
      onChange={(event) => onCode(event.target.value)}
    />
  );
}

interface CodeFormProps extends CodeFieldProps {
  readonly submit: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSubmit: () => void;
}

export function CodeForm({ code, onCode, submit, isBusy, error, onSubmit }: CodeFormProps) {
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <CodeField code={code} onCode={onCode} />
      <Problem error={error} />
      <Button type="submit" weight="primary" disabled={isBusy}>
        {submit}
      </Button>
    </form>
  );
}
