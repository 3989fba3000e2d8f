// Which type was taken for which: gold in the rows, the model in the columns.
import type { ErrorPart } from "@/api/types";
import { useI18n } from "@/i18n/context";
import type { Kind } from "./cell";

interface ConfusionProps {
  readonly kind: Kind;
  readonly part: ErrorPart;
}

export function Confusion({ kind, part }: ConfusionProps) {
  const { t, format } = useI18n();
  const types: readonly (string | null)[] = [...part.types.map(({ type }) => type), null];
  const nameOf = (type: string | null) => type ?? t("analysis.nothing");
  const countOf = (gold: string | null, predicted: string | null) =>
    part.confusion.find((one) => one.gold === gold && one.predicted === predicted)?.count ?? 0;
  return (
    <details className="error-details" data-testid={`confusion-${kind}`}>
      <summary>{t("analysis.confusion")}</summary>
      <p className="small muted">{t("analysis.confusion_how")}</p>
      <div className="table-wrap" role="region" aria-label={t("analysis.confusion")} tabIndex={0}>
        <table className="confusion">
          <caption className="visually-hidden">{t("analysis.confusion")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("analysis.gold_model")}</th>
              {types.map((type) => (
                <th key={type ?? ""} scope="col" className="right">
                  {nameOf(type)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {types.map((gold) => (
              <tr key={gold ?? ""}>
                <th scope="row">{nameOf(gold)}</th>
                {types.map((predicted) => {
                  const count = countOf(gold, predicted);
                  const tone = count === 0 ? "muted" : gold === predicted ? "is-same" : "is-other";
                  return (
                    <td key={predicted ?? ""} className={`right ${tone}`}>
                      {gold === null && predicted === null ? "–" : format.number(count)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
