// The models room: versions on the same sentences, several trained at once, back in one click.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { rollbackModel } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useCatalogue, useModels, useProject } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { BoardCard } from "./board-card";
import { Comparisons } from "./comparisons";
import { GateCard } from "./gate-card";
import { SeveralForm } from "./several-form";
import "./models.css";

function RollBack({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const models = useModels(projectId);
  const rollback = useMutation({
    mutationFn: () => rollbackModel(projectId),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.models(projectId) });
      return queries.invalidateQueries({ queryKey: keys.leaderboard(projectId) });
    },
  });
  const mayGoBack = (models.data?.results ?? []).some(({ state }) => state === "retired");
  return (
    <>
      {mayGoBack ? (
        <Button data-testid="rollback" onClick={() => rollback.mutate()}>
          {t("models.rollback")}
        </Button>
      ) : null}
      <Problem error={rollback.error} />
    </>
  );
}

export function ModelsPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const catalogue = useCatalogue();
  if (project.error !== null) return <Problem error={project.error} />;
  if (project.data === undefined) return <Loading />;
  const isManager = project.data.role === "manager";
  return (
    <>
      <PageHead
        title={t("room.title")}
        lead={t("room.lead")}
        actions={isManager ? <RollBack projectId={projectId} /> : null}
      />
      <div className="stack">
        <BoardCard project={project.data} />
        <Comparisons project={project.data} />
        {isManager && catalogue.data !== undefined ? (
          <SeveralForm project={project.data} catalogue={catalogue.data} />
        ) : null}
        {isManager ? <GateCard project={project.data} /> : null}
      </div>
    </>
  );
}
