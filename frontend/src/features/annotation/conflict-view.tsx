// Two versions of the same work: both are shown, and nothing is dropped without a click.
import { useQueryClient } from "@tanstack/react-query";
import { newKey } from "@/api/idempotency";
import { keys } from "@/api/keys";
import { difference, union } from "@/core/difference";
import type { Statement } from "@/core/difference";
import { EMPTY, graphOf } from "@/core/graph";
import type { Graph } from "@/core/graph";
import { giveUp, settle, unsaved } from "@/core/outbox";
import { indexText } from "@/core/text";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { useSender } from "./sender-context";

interface ColumnProps {
  readonly title: string;
  readonly statements: readonly Statement[];
}

function Column({ title, statements }: ColumnProps) {
  return (
    <section>
      <h3>{title}</h3>
      {statements.length === 0 ? <p className="muted small">–</p> : null}
      <ul>
        {statements.map(({ key, words }) => (
          <li key={key}>{words}</li>
        ))}
      </ul>
    </section>
  );
}

interface ConflictProps {
  readonly projectId: number;
  readonly sentenceId: number;
  readonly text: string;
  readonly onClose: () => void;
  /** The work on the desk is another one now. */
  readonly onSettled: () => void;
}

export function ConflictView({ projectId, sentenceId, text, onClose, onSettled }: ConflictProps) {
  const { t } = useI18n();
  const sender = useSender();
  const queries = useQueryClient();
  const lane = sender.desk(sentenceId)?.lane;
  const trouble = lane?.trouble;
  if (lane === undefined || trouble == null) return null;
  const mine: Graph = unsaved(lane) ?? graphOf(EMPTY);
  const theirs: Graph = (trouble.kind === "conflict" ? trouble.current : null) ?? graphOf(EMPTY);
  const index = indexText(text);
  const { both, onlyMine, onlyTheirs } = difference(mine, theirs, ({ start, end }) =>
    index.slice(start, end),
  );
  const decide = (graph: Graph, isMine: boolean) => {
    sender.change(sentenceId, graph, isMine ? settle(lane, newKey(), graph) : giveUp(lane));
    void queries.invalidateQueries({ queryKey: keys.progress(projectId) });
    onSettled();
  };
  return (
    <Dialog title={t("conflict.title")} onClose={onClose} wide>
      {trouble.kind === "refused" ? (
        <Notice tone="bad">{errorText(t, trouble.code, trouble.message)}</Notice>
      ) : (
        <p>{t("conflict.lead")}</p>
      )}
      <p className="conflict-text">{text}</p>
      <div className="conflict-columns">
        <Column title={t("conflict.mine")} statements={onlyMine} />
        <Column title={t("conflict.both")} statements={both} />
        <Column title={t("conflict.theirs")} statements={onlyTheirs} />
      </div>
      <div className="form-actions">
        {trouble.kind === "conflict" ? (
          <>
            <Button weight="primary" onClick={() => decide(union(mine, theirs), true)}>
              {t("conflict.join")}
            </Button>
            <Button onClick={() => decide(mine, true)}>{t("conflict.keep_mine")}</Button>
            <Button onClick={() => decide(theirs, false)}>{t("conflict.take_theirs")}</Button>
          </>
        ) : (
          <>
            <Button weight="primary" onClick={onClose}>
              {t("conflict.mend")}
            </Button>
            <Button onClick={() => decide(mine, true)}>{t("ui.retry")}</Button>
          </>
        )}
      </div>
    </Dialog>
  );
}
