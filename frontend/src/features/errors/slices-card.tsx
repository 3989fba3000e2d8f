// In which sentences it goes wrong: by overlap of triples, by length, by number of triples.
import type { Errors } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { isSame } from "./cell";
import type { Cell } from "./cell";
import { CellSentences } from "./cell-sentences";
import type { Opened } from "./cell-sentences";
import { sliceName, SORTS } from "./use-words";

type Slice = Errors["slices"][number];

interface RowProps {
  readonly slice: Slice;
  readonly opened: Cell | null;
  readonly onOpen: (cell: Cell) => void;
}

function Row({ slice, opened, onOpen }: RowProps) {
  const { t, format } = useI18n();
  const { relations, entities } = slice;
  const cell: Cell = { kind: "relation", slice: slice.slice };
  const name = sliceName(t, slice.slice);
  const hasAny = relations.gold + relations.predicted > 0;
  return (
    <tr>
      <th scope="row">
        {hasAny ? (
          <button
            type="button"
            className="error-count error-slice"
            aria-pressed={isSame(opened, cell)}
            data-testid={`slice-${slice.slice}`}
            onClick={() => onOpen(cell)}
          >
            {name}
          </button>
        ) : (
          name
        )}
      </th>
      {[slice.sentences, relations.gold, relations.predicted, relations.correct].map(
        (count, place) => (
          <td key={place} className="right">
            {format.number(count)}
          </td>
        ),
      )}
      {[relations.precision, relations.recall, relations.f1].map((rate, place) => (
        <td key={place} className="right">
          {format.score(hasAny ? rate : null)}
        </td>
      ))}
      <td className="right error-sum">
        {entities.gold + entities.predicted > 0 ? (
          <button
            type="button"
            className="error-count error-slice"
            aria-pressed={isSame(opened, { ...cell, kind: "entity" })}
            data-testid={`slice-entity-${slice.slice}`}
            onClick={() => onOpen({ ...cell, kind: "entity" })}
          >
            <span className="visually-hidden">
              {name} · {t("analysis.entity")}:{" "}
            </span>
            {format.score(entities.f1)}
          </button>
        ) : (
          format.score(null)
        )}
      </td>
    </tr>
  );
}

const COLUMNS = [
  "sentences",
  "gold_count",
  "model_count",
  "right_count",
  "precision",
  "recall",
  "f1",
] as const;

interface SlicesProps extends Opened {
  readonly slices: readonly Slice[];
  readonly onOpen: (cell: Cell) => void;
}

export function SlicesCard({ slices, onOpen, ...opened }: SlicesProps) {
  const { t } = useI18n();
  const isHere = opened.cell?.slice !== undefined;
  return (
    <Card title={t("analysis.slices")} testId="slices">
      <p className="muted">{t("analysis.slices_how")}</p>
      <div className="table-wrap">
        <table className="error-table">
          <caption className="visually-hidden">{t("analysis.slices")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("analysis.slice")}</th>
              {COLUMNS.map((name) => (
                <th key={name} scope="col" className="right">
                  {t(`analysis.${name}`)}
                </th>
              ))}
              <th scope="col" className="right error-sum">
                {t("analysis.entity_f1")}
              </th>
            </tr>
          </thead>
          {(["overlap", "length", "triples"] as const).map((sort) => (
            <tbody key={sort}>
              <tr>
                <th scope="rowgroup" colSpan={COLUMNS.length + 2} className="slice-sort">
                  {t(`analysis.sort.${sort}`)}
                </th>
              </tr>
              {slices
                .filter((one) => SORTS[sort].some((name) => name === one.slice))
                .map((one) => (
                  <Row key={one.slice} slice={one} opened={opened.cell} onOpen={onOpen} />
                ))}
            </tbody>
          ))}
        </table>
      </div>
      {isHere ? <CellSentences {...opened} /> : null}
    </Card>
  );
}
