// Sentences on which two versions differ: the text, and who says what of it.
import type { DiffSentence, DiffStatement } from "@/api/types";
import { useI18n } from "@/i18n/context";
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

/** What changed stands first. */
function inOrder(statements: readonly DiffStatement[]): readonly DiffStatement[] {
  return [
    ...statements.filter(({ change }) => change !== null),
    ...statements.filter(({ change }) => change === null),
  ];
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
          <ul>
            {inOrder(one.statements).map((said) => (
              <Statement
                key={`${said.type} ${said.head.start} ${said.head.end} ${said.tail?.start} ${said.tail?.end} ${said.head.type} ${said.tail?.type}`}
                text={one.text}
                said={said}
              />
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
