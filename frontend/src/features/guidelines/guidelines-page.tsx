// How to label in this project: to read for everybody, to write for managers.
import { useState } from "react";
import { useGuidelines, useProject, useSchema } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { GuidelinesEditor } from "./guidelines-editor";
import { GuidelinesView } from "./guidelines-view";
import "./guidelines.css";

export function GuidelinesPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const schema = useSchema(projectId);
  const guidelines = useGuidelines(projectId);
  const [isEditing, setEditing] = useState(false);
  if (schema.data === undefined || guidelines.data === undefined) {
    const error = guidelines.error ?? schema.error;
    return error === null ? <Loading /> : <Problem error={error} />;
  }
  const mayEdit = project.data?.role === "manager" && !isEditing;
  const { version } = guidelines.data;
  return (
    <>
      <PageHead
        title={t("guidelines.title")}
        lead={version === 0 ? t("guidelines.lead") : t("guidelines.version", { n: version })}
        actions={
          mayEdit ? <Button onClick={() => setEditing(true)}>{t("guidelines.edit")}</Button> : null
        }
      />
      {isEditing ? (
        <GuidelinesEditor
          projectId={projectId}
          schema={schema.data}
          guidelines={guidelines.data}
          onDone={() => setEditing(false)}
        />
      ) : (
        <GuidelinesView schema={schema.data} guidelines={guidelines.data} />
      )}
    </>
  );
}
