// A sentence with what is asked for marked in it, and what gold and the model say of it.
import { Fragment, useState } from "react";
import type { ErrorSentence, ErrorStatement } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Link } from "@/ui/router";
import { SaidWords, Says } from "@/ui/said";
import { piecesOf } from "./pieces";
import { useClassName } from "./use-words";

interface MarkedProps {
  readonly text: string;
  readonly statements: readonly ErrorStatement[];
}

function Marked({ text, statements }: MarkedProps) {
  return piecesOf(text, statements).map(({ text: words, isGold, isModel }, place) => {
    if (!isGold && !isModel) return <Fragment key={place}>{words}</Fragment>;
    const who = isGold && isModel ? "both" : isGold ? "gold" : "model";
    return (
      <mark key={place} className={`mark-${who}`}>
        {words}
      </mark>
    );
  });
}

interface StatementProps {
  readonly text: string;
  readonly one: ErrorStatement;
}

function ModelSays({ sure }: { readonly sure: number | null }) {
  const { t, format } = useI18n();
  return (
    <Says tone="model">
      {sure === null ? t("analysis.model") : t("analysis.sure", { share: format.share(sure) })}
    </Says>
  );
}

/** Gold's line and the model's; one line where they agree or only one of them speaks. */
function Statement({ text, one }: StatementProps) {
  const { t } = useI18n();
  const nameOf = useClassName();
  const { gold, predicted } = one;
  const isOne = one.class === "correct";
  const withTypes = one.class === "entity_type";
  return (
    <li className={`said error-said error-${one.class}`} data-testid={`said-${one.class}`}>
      <span className="said-kind">{nameOf(one.class)}</span>
      {gold === null ? null : (
        <>
          <SaidWords text={text} said={gold} withTypes={withTypes} />
          <span className="said-who small">
            <Says tone="gold">{t("analysis.gold")}</Says>
            {isOne ? <ModelSays sure={predicted?.confidence ?? null} /> : null}
            {predicted === null ? <Says tone="not">{t("analysis.not_model")}</Says> : null}
          </span>
        </>
      )}
      {predicted === null || isOne ? null : (
        <>
          <SaidWords text={text} said={predicted} withTypes={withTypes} />
          <span className="said-who small">
            {gold === null ? <Says tone="not">{t("analysis.not_gold")}</Says> : null}
            <ModelSays sure={predicted.confidence} />
          </span>
        </>
      )}
    </li>
  );
}

interface RowsProps {
  readonly text: string;
  readonly statements: readonly ErrorStatement[];
}

function Rows({ text, statements }: RowsProps) {
  return (
    <ul>
      {statements.map((one, place) => (
        <Statement key={place} text={text} one={one} />
      ))}
    </ul>
  );
}

/** What else is said of the sentence: drawn when it is looked at, for it can be hundreds. */
function Others({ text, statements }: RowsProps) {
  const { t } = useI18n();
  const [isShown, setShown] = useState(false);
  return (
    <details className="error-details" onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t("analysis.others", { n: statements.length })}</summary>
      {isShown ? <Rows text={text} statements={statements} /> : null}
    </details>
  );
}

interface SentenceErrorsProps {
  readonly sentence: ErrorSentence;
  readonly path: string;
}

export function SentenceErrors({ sentence, path }: SentenceErrorsProps) {
  const { t } = useI18n();
  const { text, statements } = sentence;
  const asked = statements.filter((one) => one.is_asked);
  const others = statements.filter((one) => !one.is_asked);
  return (
    <li data-testid="error-sentence">
      <p className="said-text">
        <Marked text={text} statements={asked} />{" "}
        <Link className="small" to={path}>
          {t("analysis.open")}
          <span className="visually-hidden"> {sentence.sentence_id}</span>
        </Link>
      </p>
      <Rows text={text} statements={asked} />
      {others.length === 0 ? null : <Others text={text} statements={others} />}
    </li>
  );
}
