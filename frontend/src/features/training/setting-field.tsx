// One setting as a field: its name and what it does in the chosen language, and what is wrong.
import { useState } from "react";
import { useI18n } from "@/i18n/context";
import { settingWords, valueWords } from "@/i18n/choice-words";
import type { Translate } from "@/i18n/translate";
import { Choice, Field } from "@/ui/field";
import { Tick } from "@/ui/tick";
import { textOf } from "./settings";
import type { SettingField, SettingProblem } from "./settings";

interface SettingFieldProps {
  readonly model: string;
  readonly field: SettingField;
  readonly text: string;
  readonly isChanged: boolean;
  readonly problem: SettingProblem | undefined;
  /** What was typed; nothing puts the usual value back. */
  readonly onType: (text: string | undefined) => void;
}

function problemText(t: Translate, problem: SettingProblem): string {
  if (problem.code === "said") return problem.sentence;
  const { low, high } = problem;
  return t(`setting.${problem.code}`, { low: String(low), high: String(high) });
}

export function SettingInput(props: SettingFieldProps) {
  const { model, field, text, isChanged, problem, onType } = props;
  const { language, t } = useI18n();
  const [isTyping, setTyping] = useState(false);
  const { label, about } = settingWords(language, model, field.name, field.description);
  const inWords = (value: string) => valueWords(language, model, field.name, value);
  const usual = inWords(textOf(field.usual));
  const hint = (
    <>
      {about} {isChanged ? <b>{t("setting.usual", { value: usual })}</b> : null}
    </>
  );
  const shared = {
    label,
    hint,
    problem: problem === undefined || isTyping ? undefined : problemText(t, problem),
    name: field.name,
  };
  if (field.options.length > 0) {
    const options = field.mayBeEmpty ? ["", ...field.options] : field.options;
    return (
      <Choice
        {...shared}
        value={text}
        options={options.map((value) => ({ value, label: inWords(value) }))}
        onChoose={onType}
      />
    );
  }
  if (field.kind === "truth") {
    const onChange = (isOn: boolean) => onType(String(isOn));
    return (
      <Tick
        {...shared}
        checked={text === "true"}
        onChange={(event) => onChange(event.target.checked)}
      />
    );
  }
  return (
    <Field
      {...shared}
      value={text}
      placeholder={field.mayBeEmpty ? inWords("") : undefined}
      inputMode={field.kind === "text" ? "text" : "decimal"}
      autoComplete="off"
      onChange={(event) => {
        setTyping(true);
        onType(event.target.value);
      }}
      onBlur={() => {
        setTyping(false);
        const isNothing = field.mayBeEmpty && field.usual !== null;
        if (text.trim() === "" && !isNothing) onType(undefined);
      }}
    />
  );
}
