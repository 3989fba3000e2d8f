// One comment: who, when, what, and what can be done with it.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { changeComment, removeComment } from "@/api/endpoints";
import type { Comment } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/notice";
import { CommentField } from "./comment-field";

interface RowProps {
  readonly comment: Comment;
  readonly sentenceId: number;
  readonly isMine: boolean;
  readonly onChanged: () => void;
}

export function CommentRow({ comment, sentenceId, isMine, onChanged }: RowProps) {
  const { t, format } = useI18n();
  const [isEditing, setEditing] = useState(false);
  const { id, author, text, created_at: at, resolved_at: resolved } = comment;
  const changing = useMutation({
    mutationFn: (change: Parameters<typeof changeComment>[2] | null) =>
      change === null ? removeComment(sentenceId, id) : changeComment(sentenceId, id, change),
    onSuccess: () => {
      setEditing(false);
      onChanged();
    },
  });
  const isOpen = resolved === null;
  return (
    <li className={isOpen ? "comment" : "comment is-settled"} data-testid="comment">
      <p className="small muted">
        <b>{author}</b> · {format.moment(at)}
        {comment.resolved_by === null
          ? null
          : ` · ${t("thread.resolved", { name: comment.resolved_by })}`}
      </p>
      {isEditing ? (
        <CommentField
          label={t("thread.edit")}
          button={t("thread.send")}
          initial={text}
          isBusy={changing.isPending}
          onSend={(words) => changing.mutateAsync({ text: words })}
        />
      ) : (
        <p className="comment-text">{text}</p>
      )}
      <p className="comment-tools">
        <Button weight="quiet" size="small" onClick={() => changing.mutate({ resolved: isOpen })}>
          {isOpen ? t("thread.resolve") : t("thread.reopen")}
        </Button>
        {isMine ? (
          <>
            <Button weight="quiet" size="small" onClick={() => setEditing(!isEditing)}>
              {t("thread.edit")}
            </Button>
            <Button weight="quiet" size="small" onClick={() => changing.mutate(null)}>
              {t("thread.delete")}
            </Button>
          </>
        ) : null}
      </p>
      <Problem error={changing.error} />
    </li>
  );
}
