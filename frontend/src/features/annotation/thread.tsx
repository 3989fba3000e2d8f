// What members say to one another about a sentence: open comments first, settled ones folded away.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addComment, getSession, listComments } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useI18n } from "@/i18n/context";
import { Problem } from "@/ui/notice";
import { CommentField } from "./comment-field";
import { CommentRow } from "./comment-row";

interface ThreadProps {
  readonly projectId: number;
  readonly sentenceId: number;
}

function useThread({ projectId, sentenceId }: ThreadProps) {
  const queries = useQueryClient();
  const queryKey = keys.comments(projectId, sentenceId);
  const comments = useQuery({ queryKey, queryFn: () => listComments(sentenceId) });
  const session = useQuery({ queryKey: keys.session, queryFn: getSession, staleTime: 60_000 });
  const refresh = () => queries.invalidateQueries({ queryKey });
  const adding = useMutation({
    mutationFn: (text: string) => addComment(sentenceId, text),
    onSuccess: refresh,
  });
  return { comments, me: session.data?.user?.id ?? null, refresh, adding };
}

export function Thread(place: ThreadProps) {
  const { t } = useI18n();
  const { comments, me, refresh, adding } = useThread(place);
  const [wish, setWish] = useState<boolean | null>(null);
  const all = comments.data?.results ?? [];
  const open = all.filter((one) => one.resolved_at === null);
  const settled = all.filter((one) => one.resolved_at !== null);
  const isOpen = wish ?? open.length > 0;
  const rows = (some: typeof all) => (
    <ul className="thread">
      {some.map((comment) => (
        <CommentRow
          key={comment.id}
          comment={comment}
          sentenceId={place.sentenceId}
          isMine={comment.author_id === me}
          onChanged={() => void refresh()}
        />
      ))}
    </ul>
  );
  return (
    <details className="panel" data-testid="thread" open={isOpen}>
      <summary
        onClick={(event) => {
          event.preventDefault();
          setWish(!isOpen);
        }}
      >
        <span className="panel-title">{t("thread.title")}</span>{" "}
        <span className="count">{open.length}</span>
      </summary>
      {all.length === 0 ? <p className="muted small">{t("thread.none")}</p> : null}
      {rows(open)}
      {settled.length === 0 ? null : (
        <details>
          <summary className="muted small">
            {t("thread.resolved_ones", { n: settled.length })}
          </summary>
          {rows(settled)}
        </details>
      )}
      <CommentField
        label={t("thread.add")}
        button={t("thread.send")}
        isBusy={adding.isPending}
        onSend={(text) => adding.mutateAsync(text)}
      />
      <Problem error={adding.error} />
      {adding.error === null ? null : <p className="muted small">{t("thread.unsent")}</p>}
    </details>
  );
}
