// Everything else that can be set about a model, folded away: the paper's options, then training.
import type { RefObject } from "react";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { SettingInput } from "./setting-field";
import { shown } from "./settings";
import type { SettingField, SettingProblem, Typed } from "./settings";

interface MoreSettingsProps {
  readonly model: string;
  readonly title: string;
  readonly fields: readonly SettingField[];
  readonly typed: Typed;
  readonly changed: Readonly<Record<string, unknown>>;
  readonly problems: Readonly<Record<string, SettingProblem>>;
  readonly fold: RefObject<HTMLDetailsElement | null>;
  readonly onType: (typed: Typed) => void;
}

/** Unfold and go to the first field that is wrong. */
export function showProblem(fold: HTMLDetailsElement | null): void {
  const wrong = fold?.querySelector<HTMLElement>("[aria-invalid=true]");
  if (fold === null || !wrong) return;
  fold.open = true;
  wrong.focus();
}

function without(typed: Typed, name: string): Typed {
  return Object.fromEntries(Object.entries(typed).filter(([key]) => key !== name));
}

export function MoreSettings(props: MoreSettingsProps) {
  const { model, title, fields, typed, changed, problems, fold, onType } = props;
  const { t } = useI18n();
  const count = Object.keys({ ...changed, ...problems }).length;
  const set = (name: string, text: string | undefined) =>
    onType(text === undefined ? without(typed, name) : { ...typed, [name]: text });
  return (
    <details className="more" ref={fold} data-testid="more-settings">
      <summary>
        {t("training.more")}{" "}
        {count === 0 ? null : (
          <span className="badge badge-accent" data-testid="changed-count">
            {t("training.changed", { n: count })}
          </span>
        )}
      </summary>
      <div className="form">
        <div className="form-actions">
          <Button size="small" disabled={count === 0} onClick={() => onType({})}>
            {t("training.reset")}
          </Button>
          <span className="hint">{t("training.more_hint")}</span>
        </div>
        {(["model", "training"] as const).map((group) => (
          <fieldset key={group} className="settings">
            <legend>{t(`training.settings_of.${group}`, { title })}</legend>
            {fields
              .filter((field) => field.group === group)
              .map((field) => (
                <SettingInput
                  key={`${model}/${field.name}`}
                  model={model}
                  field={field}
                  text={shown(field, typed)}
                  isChanged={field.name in changed || field.name in problems}
                  problem={problems[field.name]}
                  onType={(text) => set(field.name, text)}
                />
              ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}
