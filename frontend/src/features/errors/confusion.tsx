// Which type was taken for which: gold in the rows, the model in the columns.
import type { ErrorPart } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { isMet, isSame } from "./cell";
import type { Cell, Kind } from "./cell";
import type { OpenProps } from "./error-table";

interface MetProps extends OpenProps {
  readonly count: number;
  readonly words: string;
  readonly cell: Cell;
}

function Met({ count, words, cell, opened, onOpen }: MetProps) {
  const { format } = useI18n();
  if (cell.gold === null && cell.predicted === null) return "–";
  if (count === 0) return <span className="muted">0</span>;
  return (
    <button
      type="button"
      className={`error-count ${cell.gold === cell.predicted ? "is-same" : "is-other"}`}
      aria-pressed={isSame(opened, cell)}
      data-testid={`met-${cell.kind}-${cell.gold ?? ""}-${cell.predicted ?? ""}`}
      onClick={() => onOpen(cell)}
    >
      <span className="visually-hidden">{words}: </span>
      {format.number(count)}
    </button>
  );
}

interface ConfusionProps extends OpenProps {
  readonly kind: Kind;
  readonly part: ErrorPart;
}

export function Confusion({ kind, part, opened, onOpen }: ConfusionProps) {
  const { t } = useI18n();
  const isHere = opened?.kind === kind && isMet(opened);
  const types: readonly (string | null)[] = [...part.types.map(({ type }) => type), null];
  const nameOf = (type: string | null) => type ?? t("analysis.nothing");
  const countOf = (gold: string | null, predicted: string | null) =>
    part.confusion.find((one) => one.gold === gold && one.predicted === predicted)?.count ?? 0;
  return (
    <details
      className="error-details"
      data-testid={`confusion-${kind}`}
      {...(isHere ? { open: true } : {})}
    >
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
                {types.map((predicted) => (
                  <td key={predicted ?? ""} className="right">
                    <Met
                      count={countOf(gold, predicted)}
                      words={`${nameOf(gold)} → ${nameOf(predicted)}`}
                      cell={{ kind, gold, predicted }}
                      opened={opened}
                      onOpen={onOpen}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
