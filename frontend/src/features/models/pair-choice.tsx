// Which two versions are held side by side; the address follows.
import type { ModelVersion } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Choice } from "@/ui/field";
import { goTo } from "@/ui/router";

interface PairChoiceProps {
  readonly projectId: number;
  readonly versions: readonly ModelVersion[];
  readonly pair: readonly [number, number];
}

export function PairChoice({ projectId, versions, pair }: PairChoiceProps) {
  const { t } = useI18n();
  const [first, second] = pair;
  const show = (a: number | string, b: number | string) =>
    goTo(`/projects/${projectId}/models/compare/${a}/${b}`, "replace");
  const options = versions.map(({ id, number, model, encoder, state }) => ({
    value: String(id),
    label: `${t("models.number", { number })} · ${model} · ${encoder} · ${t(`models.${state}`)}`,
  }));
  return (
    <div className="pair-choice">
      <Choice
        label={t("diff.first_version")}
        value={String(first)}
        options={options}
        onChoose={(id) => show(id, second)}
      />
      <Choice
        label={t("diff.second_version")}
        value={String(second)}
        options={options}
        onChoose={(id) => show(first, id)}
      />
      <Button onClick={() => show(second, first)}>{t("diff.swap")}</Button>
    </div>
  );
}
