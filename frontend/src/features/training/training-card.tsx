// One card says why the model is or is not training, and has what starts one.
import { useCatalogue, useProgress } from "@/api/use-project";
import type { Project, Run, TrainingState } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { TrainForm } from "./train-form";
import { Why } from "./why";

interface TrainingCardProps {
  readonly project: Project;
  readonly runs: readonly Run[];
  readonly state: TrainingState | undefined;
}

export function TrainingCard({ project, runs, state }: TrainingCardProps) {
  const { t } = useI18n();
  const catalogue = useCatalogue();
  const progress = useProgress(project.id);
  return (
    <Card title={t("training.now")} testId="training-card">
      <div className="form">
        <Why state={state} />
        {project.role !== "manager" ? (
          <p className="muted">{t("training.managers_only")}</p>
        ) : catalogue.data === undefined ? (
          <>
            <Problem error={catalogue.error} />
            {catalogue.isPending ? <Loading /> : null}
          </>
        ) : (
          <TrainForm
            project={project}
            catalogue={catalogue.data}
            gold={progress.data?.gold ?? 0}
            isQueued={runs.some(({ state: where }) => where === "queued")}
          />
        )}
      </div>
    </Card>
  );
}
