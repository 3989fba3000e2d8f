// Training: why the model is or is not learning, the run as it runs, and what came of it.
import { isLive, useProject, useRuns, useTrainingState } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { BiasCard } from "./bias-card";
import { ModelList } from "./model-list";
import { PolicyCard } from "./policy-card";
import { RunList } from "./run-list";
import { RunLive } from "./run-live";
import { TrainingCard } from "./training-card";
import "./training.css";

export function TrainingPage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const runs = useRuns(projectId);
  const state = useTrainingState(projectId);
  if (project.error !== null) return <Problem error={project.error} />;
  if (project.data === undefined || runs.data === undefined) return <Loading />;
  const all = runs.data.results;
  const live = all.filter(isLive);
  return (
    <>
      <PageHead title={t("training.title")} lead={t("training.lead")} />
      <div className="columns">
        <div className="stack">
          <Problem error={state.error} />
          <TrainingCard project={project.data} runs={all} state={state.data} />
          {live.map((run) => (
            <RunLive key={run.id} projectId={projectId} run={run} />
          ))}
          {project.data.role === "manager" ? <PolicyCard project={project.data} /> : null}
        </div>
        <div className="stack">
          <ModelList project={project.data} runs={all} />
          {project.data.role === "annotator" ? null : <BiasCard projectId={projectId} />}
        </div>
      </div>
      <RunList runs={all.filter((run) => !isLive(run))} />
    </>
  );
}
