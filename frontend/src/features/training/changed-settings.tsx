// What was set otherwise than usual for a run, in one line.
import { useCatalogue } from "@/api/use-project";
import type { Run } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { settingWords, valueWords } from "@/i18n/choice-words";
import { fieldsOf, textOf, unusual } from "./settings";

type ChangedSettingsProps = Pick<Run, "model" | "settings">;

export function ChangedSettings({ model, settings }: ChangedSettingsProps) {
  const { language, t } = useI18n();
  const catalogue = useCatalogue();
  const known = catalogue.data?.models.find(({ name }) => name === model);
  const changed = unusual(settings, fieldsOf(known?.settings_schema ?? {}));
  if (changed.length === 0) return null;
  return (
    <ul className="changed-settings" aria-label={t("training.changed_settings")}>
      {changed.map(([name, value]) => (
        <li key={name}>
          {settingWords(language, model, name).label}{" "}
          <b>{valueWords(language, model, name, textOf(value))}</b>
        </li>
      ))}
    </ul>
  );
}
