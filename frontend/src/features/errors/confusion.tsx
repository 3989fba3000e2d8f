// Which type was taken for which: gold in the rows, the model in the columns.
import { useState } from "react";
import type { ErrorPart } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { placeOf } from "./cell";
import type { Cell, Kind } from "./cell";
import { CellSentences } from "./cell-sentences";
import type { Opened } from "./cell-sentences";
import { Count } from "./count";

interface ConfusionProps extends Opened {
  readonly kind: Kind;
  readonly part: ErrorPart;
  readonly onOpen: (cell: Cell) => void;
}

export function Confusion({ kind, part, onOpen, ...opened }: ConfusionProps) {
  const { t } = useI18n();
  const { cell } = opened;
  const isHere = cell?.kind === kind && placeOf(cell) === "confusion";
  const [isShown, setShown] = useState(isHere);
  const types: readonly (string | null)[] = [...part.types.map(({ type }) => type), null];
  const nameOf = (type: string | null) => type ?? t("analysis.nothing");
  const countOf = (gold: string | null, predicted: string | null) =>
    part.confusion.find((one) => one.gold === gold && one.predicted === predicted)?.count ?? 0;
  return (
    <details
      className="error-details"
      data-testid={`confusion-${kind}`}
      open={isShown || isHere}
      onToggle={(event) => setShown(event.currentTarget.open)}
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
                {types.map((predicted) => {
                  const count = countOf(gold, predicted);
                  const tone = count === 0 ? "muted" : gold === predicted ? "is-same" : "is-other";
                  return (
                    <td key={predicted ?? ""} className={`right ${tone}`}>
                      {gold === null && predicted === null ? (
                        "–"
                      ) : (
                        <Count
                          count={count}
                          cell={{ kind, gold, predicted }}
                          testId={`met-${kind}-${gold ?? ""}-${predicted ?? ""}`}
                          opened={cell}
                          onOpen={onOpen}
                        />
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {isHere ? <CellSentences {...opened} /> : null}
    </details>
  );
}
