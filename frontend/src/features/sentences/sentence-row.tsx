// One sentence of the list: where it stands, its text with what was looked for, and what is with it.
import type { ListedSentence } from "@/api/types";
import { isKnownFlag } from "@/core/flags";
import { useI18n } from "@/i18n/context";
import { Link } from "@/ui/router";
import { parts } from "./filters";

interface RowProps {
  readonly row: ListedSentence;
  readonly path: string;
  readonly wanted: string;
}

export function SentenceRow({ row, path, wanted }: RowProps) {
  const { t, format } = useI18n();
  return (
    <li className="sentence-row" data-testid="sentence-row">
      <span className="muted small numbers">{format.number(row.position + 1)}</span>
      <Link to={path} className="sentence-link">
        {parts(row.text, wanted).map((part, place) =>
          place % 2 === 1 ? <mark key={place}>{part}</mark> : <span key={place}>{part}</span>,
        )}
      </Link>
      <span className="sentence-facts small">
        <span className="badge">{t(`state.${row.state}`)}</span>
        {row.flags.map((flag) => (
          <span key={flag} className="badge badge-warn">
            ⚑ {isKnownFlag(flag) ? t(`flag.${flag}`) : flag}
          </span>
        ))}
        {row.comments === 0 ? null : <span>{t("sentences.comments", { n: row.comments })}</span>}
        {row.score === null ? null : (
          <span>{t("sentences.score", { n: row.score.toFixed(1) })}</span>
        )}
        {row.annotators.length === 0 ? null : <span>{row.annotators.join(" · ")}</span>}
      </span>
    </li>
  );
}
