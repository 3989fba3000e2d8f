// One card says why the model is or is not training, and has what starts one.
import { isLive, useCatalogue, useProgress } from "@/api/use-project";
import type { Project, Run } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";
import type { Translate } from "@/i18n/translate";
import { Card } from "@/ui/card";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { TrainForm } from "./train-form";

interface TrainingCardProps {
  readonly project: Project;
  readonly runs: readonly Run[];
}

function reasonOf(t: Translate, runs: readonly Run[], gold: number): string {
  const live = runs.filter(isLive);
  const running = live.find(({ state }) => state !== "queued");
  const [last] = runs;
  if (running !== undefined && live.length > 1) return t("training.why.running_and_waiting");
  if (running !== undefined) return t("training.why.running", { n: running.gold_count });
  if (live.length > 0) return t("training.why.queued");
  if (gold === 0) return t("training.why.no_gold");
  if (last?.state === "failed") {
    const said = last.error === null ? "" : errorText(t, last.error.code, last.error.message);
    return t("training.why.failed", { reason: said });
  }
  if (last?.state === "cancelled") return t("training.why.cancelled");
  if (last === undefined) return t("training.why.never", { n: gold });
  const fresh = gold - last.gold_count - last.holdout_count;
  return fresh > 0 ? t("training.why.fresh", { n: fresh }) : t("training.why.nothing_new");
}

export function TrainingCard({ project, runs }: TrainingCardProps) {
  const { t } = useI18n();
  const catalogue = useCatalogue();
  const progress = useProgress(project.id);
  const gold = progress.data?.gold ?? 0;
  return (
    <Card title={t("training.now")} testId="training-card">
      <div className="form">
        <p className="reason" data-testid="training-reason">
          {reasonOf(t, runs, gold)}
        </p>
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
            gold={gold}
            isQueued={runs.some(({ state }) => state === "queued")}
          />
        )}
      </div>
    </Card>
  );
}
