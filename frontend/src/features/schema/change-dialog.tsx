// Changing types over all labels: fill in, see what it does, do it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changeSchema } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Schema, SchemaChange } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Notice, Problem } from "@/ui/notice";
import { NO_WISH, changeOf } from "./change";
import type { Wish } from "./change";
import { ChangeForm } from "./change-form";

function Seen({ seen }: { readonly seen: SchemaChange }) {
  const { t } = useI18n();
  const { sentences, entities, relations, collapsed, suggestions } = seen;
  return (
    <section className="change-seen" aria-live="polite" data-testid="change-preview">
      <p>
        {t("change.counts", { sentences, entities, relations })}
        {collapsed > 0 ? ` ${t("change.collapsed", { n: collapsed })}` : ""}
        {suggestions > 0 ? ` ${t("change.suggestions")}` : ""}
      </p>
      <ul>
        {seen.examples.map((example) => (
          <li key={example.sentence_id}>
            <p className="muted small">{example.text}</p>
            <p>
              <del>{example.before.join("； ")}</del> <ins>{example.after.join("； ")}</ins>
            </p>
          </li>
        ))}
      </ul>
      <p className="muted small">{t("change.history")}</p>
    </section>
  );
}

interface DialogProps {
  readonly projectId: number;
  readonly schema: Schema;
  readonly onClose: () => void;
}

function useChange(projectId: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ wish, token }: { readonly wish: Wish; readonly token: string | null }) => {
      const change = changeOf(wish);
      if (change === null) throw new Error("the change is not complete");
      return changeSchema(projectId, token === null ? change : { ...change, token });
    },
    onSuccess: ({ applied }) => {
      if (applied) void queries.invalidateQueries({ queryKey: keys.project(projectId) });
    },
  });
}

export function ChangeDialog({ projectId, schema, onClose }: DialogProps) {
  const { t } = useI18n();
  const [wish, setWish] = useState(NO_WISH);
  const change = useChange(projectId);
  const seen = change.data?.applied === false ? change.data : null;
  const done = change.data?.applied === true ? change.data : null;
  const edit = (next: Wish) => {
    setWish(next);
    change.reset();
  };
  return (
    <Dialog title={t("change.title")} onClose={onClose} wide>
      {done === null ? (
        <>
          <p className="muted">{t("change.lead")}</p>
          <ChangeForm schema={schema} wish={wish} onWish={edit} />
          <Problem error={change.error} />
          {seen === null ? null : <Seen seen={seen} />}
        </>
      ) : (
        <Notice tone="good">{t("change.done", { n: done.sentences })}</Notice>
      )}
      <div className="form-actions">
        {done === null ? (
          <>
            <Button
              weight={seen === null ? "primary" : "plain"}
              disabled={changeOf(wish) === null || change.isPending}
              onClick={() => change.mutate({ wish, token: null })}
            >
              {t("change.preview")}
            </Button>
            {seen === null ? null : (
              <Button
                weight="primary"
                disabled={change.isPending}
                data-testid="apply-change"
                onClick={() => change.mutate({ wish, token: seen.token })}
              >
                {t("change.apply", { n: seen.sentences })}
              </Button>
            )}
          </>
        ) : (
          <Button weight="primary" onClick={onClose}>
            {t("ui.close")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
