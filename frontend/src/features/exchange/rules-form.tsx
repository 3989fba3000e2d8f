// The rules by which inserts are cut: sections, switches, phrases.
import type { CutRules, InsertsPreview } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { useId } from "react";

const SWITCHES = [
  "prefix_drug",
  "cut_semicolons",
  "keep_references",
  "keep_lists",
  "drop_empty",
  "strip_end",
  "join_blanks",
] as const;

interface RulesProps {
  readonly rules: CutRules;
  readonly sections: InsertsPreview["sections"];
  readonly onRules: (rules: CutRules) => void;
}

function Sections({ rules, sections, onRules }: RulesProps) {
  const { t, format } = useI18n();
  const isTaken = (one: { name: string; wanted: boolean }) =>
    rules.sections.length === 0 ? one.wanted : rules.sections.includes(one.name);
  const choose = (name: string, isWanted: boolean) => {
    const wanted = sections.filter(isTaken).map((one) => one.name);
    const next = isWanted ? [...wanted, name] : wanted.filter((one) => one !== name);
    if (next.length > 0) onRules({ ...rules, sections: next });
  };
  return (
    <fieldset className="insert-sections">
      <legend>{t("inserts.sections")}</legend>
      <div>
        {sections.map((section) => (
          <label key={section.name} className="check">
            <input
              type="checkbox"
              checked={isTaken(section)}
              onChange={(event) => choose(section.name, event.target.checked)}
            />
            {section.name} <span className="muted small">{format.number(section.count)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function RulesForm({ rules, sections, onRules }: RulesProps) {
  const { t } = useI18n();
  const id = useId();
  return (
    <div className="insert-rules">
      <Sections rules={rules} sections={sections} onRules={onRules} />
      <fieldset>
        <legend>{t("inserts.rules")}</legend>
        {SWITCHES.map((name) => (
          <label key={name} className="check">
            <input
              type="checkbox"
              checked={rules[name]}
              onChange={(event) => onRules({ ...rules, [name]: event.target.checked })}
            />
            {t(`inserts.rule.${name}`)}
          </label>
        ))}
        <div className="field">
          <label htmlFor={id}>{t("inserts.rule.empty_phrases")}</label>
          <textarea
            id={id}
            key={rules.empty_phrases.join("\n")}
            rows={4}
            defaultValue={rules.empty_phrases.join("\n")}
            disabled={!rules.drop_empty}
            onBlur={(event) => {
              const phrases = event.target.value.split("\n").map((one) => one.trim());
              onRules({ ...rules, empty_phrases: phrases.filter((one) => one !== "") });
            }}
          />
        </div>
      </fieldset>
    </div>
  );
}
