// The same graph as a table: for the keyboard, for screen readers, and for whoever wants the numbers.
import { useState } from "react";
import type { KnowledgeGraph } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import type { Chosen } from "./drawing";

const PAGE = 50;

interface TableProps {
  readonly graph: KnowledgeGraph;
  readonly marked: ReadonlySet<number>;
  readonly onChoose: (chosen: Chosen) => void;
}

export function EdgeTable({ graph, marked, onChoose }: TableProps) {
  const { t, format } = useI18n();
  const [shown, setShown] = useState(PAGE);
  const rows = graph.edges
    .map((edge, at) => ({ edge, at }))
    .filter(({ edge }) => marked.size === 0 || marked.has(edge.head) || marked.has(edge.tail));
  const name = (at: number) => graph.nodes[at]?.name ?? "";
  return (
    <>
      <div className="table-wrap">
        <table data-testid="edge-table">
          <thead>
            <tr>
              <th>{t("graph.head")}</th>
              <th>{t("graph.predicate")}</th>
              <th>{t("graph.tail")}</th>
              <th className="right">{t("graph.sentences")}</th>
              <th className="right">{t("graph.confidence")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map(({ edge, at }) => (
              <tr key={at} className={edge.contradicted ? "is-contradicted" : ""}>
                <td>{name(edge.head)}</td>
                <td>
                  <Button
                    weight="quiet"
                    size="small"
                    onClick={() => onChoose({ kind: "edge", at })}
                  >
                    {edge.type}
                  </Button>
                  {edge.contradicted ? (
                    <span className="badge badge-bad">{t("graph.contradicted")}</span>
                  ) : null}
                </td>
                <td>{name(edge.tail)}</td>
                <td className="right">{format.number(edge.sentences)}</td>
                <td className="right">
                  {edge.confidence === null ? "" : edge.confidence.toFixed(2)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown ? (
        <Button onClick={() => setShown((now) => now + PAGE)}>
          {t("graph.more_rows", { n: rows.length - shown })}
        </Button>
      ) : null}
    </>
  );
}
