// One insert as it came, with its sentences, what is left out and why, and what becomes of it.
import type { InsertPreview } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { stretchesOf } from "./inserts";
import type { Stretch } from "./inserts";

const SHOWN_LINE_ENDS = /\n+/g;

function RawText({ stretches }: { readonly stretches: readonly Stretch[] }) {
  const { t } = useI18n();
  return (
    <p className="insert-raw" lang="zh">
      {stretches.map(({ kind, text, number, why }, at) => {
        const shown = kind === "removed" ? text.replace(SHOWN_LINE_ENDS, "↵") : text;
        if (kind === "rest") return <span key={at}>{shown}</span>;
        if (kind === "sentence") {
          return (
            <mark key={at} className={number % 2 === 0 ? "cut-even" : "cut-odd"}>
              {shown}
            </mark>
          );
        }
        const title = t(`inserts.${kind}.${why}` as "inserts.removed.markup");
        return (
          <del key={at} className={`cut-${kind}`} title={title}>
            {shown}
          </del>
        );
      })}
    </p>
  );
}

export function InsertView({ insert }: { readonly insert: InsertPreview }) {
  const { t } = useI18n();
  return (
    <article className="insert" data-testid={`insert-${insert.line}`}>
      <h3>
        {insert.drug} <span className="muted small">{insert.section}</span>
      </h3>
      <RawText stretches={stretchesOf(insert)} />
      <ol className="insert-sentences">
        {insert.pieces.map(({ text, cut, drop, joins, start }) => (
          <li key={start} className={drop === null ? "" : "is-dropped"}>
            <span lang="zh">{text}</span>{" "}
            <span className="badge">
              {drop === null ? t(`inserts.cut.${cut}`) : t(`inserts.dropped.${drop}`)}
            </span>
            {joins.length === 0 ? null : (
              <span className="badge badge-accent">
                {t(`inserts.joined.${joins[0]?.why ?? "list"}`)}
                {joins.length > 1 ? ` ×${joins.length}` : ""}
              </span>
            )}
          </li>
        ))}
      </ol>
    </article>
  );
}
