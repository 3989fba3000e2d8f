// Sentences on which two versions differ: the text, and who says what of it.
import type { DiffSentence, DiffStatement } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Link } from "@/ui/router";

interface SaysProps {
  readonly name: string;
  readonly sure: number | null;
}

function Says({ name, sure }: SaysProps) {
  const { t, format } = useI18n();
  return (
    <span className={sure === null ? "says says-not numbers" : "says numbers"}>
      {sure === null
        ? t("diff.silent", { name })
        : t("diff.says", { name, share: format.share(sure) })}
    </span>
  );
}

interface EndProps {
  readonly text: string;
  readonly end: DiffStatement["head"];
}

/** The words of an end; a small number says which one where they stand in the text repeatedly. */
function End({ text, end }: EndProps) {
  const before = Array.from(text).slice(0, end.start).join("");
  const count = text.split(end.surface).length - 1;
  return (
    <>
      {end.surface}
      {count > 1 ? <sub>{before.split(end.surface).length}</sub> : null}
    </>
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
      <span className="said-words">
        <End text={text} end={said.head} />
        {said.tail === null ? (
          <>
            {" · "}
            <b>{said.type}</b>
          </>
        ) : (
          <>
            {" → "}
            <b>{said.type}</b>
            {" → "}
            <End text={text} end={said.tail} />
          </>
        )}
      </span>
      <span className="said-who small">
        <span className={said.is_gold ? "says says-gold" : "says says-not"}>
          {t(`diff.gold.${said.is_gold ? "yes" : "no"}`)}
        </span>
        <Says name={t("diff.first")} sure={said.first} />
        <Says name={t("diff.second")} sure={said.second} />
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
    <ol className="diff-sentences">
      {sentences.map((one) => (
        <li key={one.sentence_id} data-testid={`diff-${one.sentence_id}`}>
          <p className="diff-text">
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
