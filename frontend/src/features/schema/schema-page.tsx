// What can be labelled: types with colours and keys, and which pairs a relation may join.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { putSchema } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useProject, useSchema } from "@/api/use-project";
import type { Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Notice, Problem } from "@/ui/notice";
import { ChangeDialog } from "./change-dialog";
import { draftOf, problemsOf, schemaOf } from "./draft";
import type { Draft } from "./draft";
import { SchemaEditor } from "./schema-editor";
import { SchemaView } from "./schema-view";
import "./schema.css";

interface EditingProps {
  readonly projectId: number;
  readonly schema: Schema;
  readonly onDone: () => void;
}

function Editing({ projectId, schema, onDone }: EditingProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(schema));
  const problems = problemsOf(draft);
  const save = useMutation({
    mutationFn: () => putSchema(projectId, schemaOf(draft)),
    onSuccess: (saved) => {
      queries.setQueryData(keys.schema(projectId), saved);
      onDone();
    },
  });
  return (
    <div className="stack">
      <SchemaEditor draft={draft} onDraft={setDraft} />
      {problems.map((problem) => (
        <Notice key={problem} tone="warn">
          {t(`schema.problem.${problem}`)}
        </Notice>
      ))}
      <Problem error={save.error} />
      <div className="form-actions">
        <Button
          weight="primary"
          disabled={problems.length > 0 || save.isPending}
          onClick={() => save.mutate()}
        >
          {t("ui.save")}
        </Button>
        <Button weight="quiet" onClick={onDone}>
          {t("ui.cancel")}
        </Button>
      </div>
    </div>
  );
}

export function SchemaPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const schema = useSchema(projectId);
  const [isEditing, setEditing] = useState(false);
  const [isChanging, setChanging] = useState(false);
  if (schema.error !== null) return <Problem error={schema.error} />;
  if (schema.data === undefined) return <Loading />;
  const mayEdit = project.data?.role === "manager" && !isEditing;
  return (
    <>
      <PageHead
        title={t("schema.title")}
        lead={t("schema.lead")}
        actions={
          mayEdit ? (
            <>
              <Button onClick={() => setChanging(true)}>{t("change.open")}</Button>
              <Button onClick={() => setEditing(true)}>{t("schema.edit")}</Button>
            </>
          ) : null
        }
      />
      {isEditing ? (
        <Editing projectId={projectId} schema={schema.data} onDone={() => setEditing(false)} />
      ) : (
        <SchemaView schema={schema.data} />
      )}
      {isChanging ? (
        <ChangeDialog
          projectId={projectId}
          schema={schema.data}
          onClose={() => setChanging(false)}
        />
      ) : null}
    </>
  );
}
