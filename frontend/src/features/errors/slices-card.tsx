// In which sentences it goes wrong: by overlap of triples, by length, by number of triples.
import { useState } from "react";
import type { Errors } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Segments } from "@/ui/segments";
import { isSame, KINDS } from "./cell";
import type { Cell, Kind } from "./cell";
import { CellSentences } from "./cell-sentences";
import type { Opened } from "./cell-sentences";
import { Count } from "./count";
import type { OpenProps } from "./count";
import { sliceName, SORTS } from "./use-words";

type Slice = Errors["slices"][number];

interface RowProps extends OpenProps {
  readonly kind: Kind;
  readonly slice: Slice;
}

function Row({ kind, slice, ...open }: RowProps) {
  const { t, format } = useI18n();
  const figures = kind === "relation" ? slice.relations : slice.entities;
  const cell: Cell = { kind, slice: slice.slice };
  const counts: readonly [number, Cell][] = [
    [figures.gold, { ...cell, side: "gold" }],
    [figures.predicted, { ...cell, side: "predicted" }],
    [figures.correct, { ...cell, class: "correct" }],
  ];
  const name = sliceName(t, slice.slice);
  const hasAny = figures.gold + figures.predicted > 0;
  return (
    <tr>
      <th scope="row">
        {hasAny ? (
          <button
            type="button"
            className="error-count error-slice"
            aria-pressed={isSame(open.opened, cell)}
            data-testid={`slice-${slice.slice}`}
            onClick={() => open.onOpen(cell)}
          >
            {name}
          </button>
        ) : (
          name
        )}
      </th>
      <td className="right">{format.number(slice.sentences)}</td>
      {counts.map(([count, counted], place) => (
        <td key={place} className="right">
          <Count count={count} cell={counted} {...open} />
        </td>
      ))}
      {[figures.precision, figures.recall, figures.f1].map((rate, place) => (
        <td key={place} className="right">
          {format.score(hasAny ? rate : null)}
        </td>
      ))}
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
  const { cell } = opened;
  const here = cell?.slice === undefined ? null : cell;
  const [chosen, setChosen] = useState<Kind>(here?.kind ?? "relation");
  const kind = here?.kind ?? chosen;
  const choose = (wanted: Kind) => {
    setChosen(wanted);
    if (here !== null) onOpen({ ...here, kind: wanted });
  };
  return (
    <Card title={t("analysis.slices")} testId="slices">
      <p className="muted">{t("analysis.slices_how")}</p>
      <div className="slices-of">
        <Segments
          label={t("analysis.slices_of")}
          value={kind}
          options={KINDS.map((value) => ({ value, label: t(`analysis.${value}`) }))}
          onChoose={choose}
        />
      </div>
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
            </tr>
          </thead>
          {(["overlap", "length", "triples"] as const).map((sort) => (
            <tbody key={sort}>
              <tr>
                <th scope="rowgroup" colSpan={COLUMNS.length + 1} className="slice-sort">
                  {t(`analysis.sort.${sort}`)}
                </th>
              </tr>
              {slices
                .filter((one) => SORTS[sort].some((name) => name === one.slice))
                .map((one) => (
                  <Row key={one.slice} kind={kind} slice={one} opened={cell} onOpen={onOpen} />
                ))}
            </tbody>
          ))}
        </table>
      </div>
      {here !== null ? <CellSentences {...opened} /> : null}
    </Card>
  );
}
