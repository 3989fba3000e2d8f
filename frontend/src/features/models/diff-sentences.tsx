// Sentences on which two versions differ: the text, and who says what of it.
import { useState } from "react";
import type { DiffSentence, DiffStatement } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Link } from "@/ui/router";
import { SaidWords, Says } from "@/ui/said";

interface SureProps {
  readonly name: string;
  readonly sure: number | null;
}

function Sure({ name, sure }: SureProps) {
  const { t, format } = useI18n();
  return (
    <Says tone={sure === null ? "not" : "model"}>
      {sure === null
        ? t("diff.silent", { name })
        : t("diff.says", { name, share: format.share(sure) })}
    </Says>
  );
}

interface StatementProps {
  readonly text: string;
  readonly said: DiffStatement;
}

function Statement({ text, said }: StatementProps) {
  const { t } = useI18n();
  const kind = said.change ?? "same";
  return (
    <li className={`said said-${kind}`}>
      <span className="said-kind">
        {said.change === null ? t("diff.same") : t(`diff.kind.${said.change}`)}
      </span>
      <SaidWords text={text} said={said} />
      <span className="said-who small">
        <Says tone={said.is_gold ? "gold" : "not"}>
          {t(`diff.gold.${said.is_gold ? "yes" : "no"}`)}
        </Says>
        <Sure name={t("diff.first")} sure={said.first} />
        <Sure name={t("diff.second")} sure={said.second} />
      </span>
    </li>
  );
}

/** A young version says hundreds of things of a sentence; the first few tell enough. */
const SHOWN_AT_FIRST = 8;

interface StatementsProps {
  readonly text: string;
  readonly statements: readonly DiffStatement[];
}

function Statements({ text, statements }: StatementsProps) {
  const { t } = useI18n();
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? statements : statements.slice(0, SHOWN_AT_FIRST);
  return (
    <>
      <ul>
        {shown.map((said) => (
          <Statement
            key={`${said.type} ${said.head.start} ${said.head.end} ${said.tail?.start} ${said.tail?.end} ${said.head.type} ${said.tail?.type}`}
            text={text}
            said={said}
          />
        ))}
      </ul>
      {shown.length < statements.length ? (
        <Button size="small" weight="quiet" onClick={() => setIsWhole(true)}>
          {t("diff.rest", { n: statements.length - shown.length })}
        </Button>
      ) : null}
    </>
  );
}

interface DiffSentencesProps {
  readonly projectId: number;
  readonly sentences: readonly DiffSentence[];
}

export function DiffSentences({ projectId, sentences }: DiffSentencesProps) {
  const { t } = useI18n();
  return (
    <ol className="said-sentences">
      {sentences.map((one) => (
        <li key={one.sentence_id} data-testid={`diff-${one.sentence_id}`}>
          <p className="said-text">
            {one.text}{" "}
            <Link className="small" to={`/projects/${projectId}/annotate/${one.sentence_id}`}>
              {t("diff.open")}
              <span className="visually-hidden"> {one.sentence_id}</span>
            </Link>
          </p>
          <Statements text={one.text} statements={one.statements} />
        </li>
      ))}
    </ol>
  );
}
