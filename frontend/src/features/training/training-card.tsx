// One card says why the model is or is not training, and has what starts one.
import { useCatalogue, useProgress } from "@/api/use-project";
import type { Project, Run, TrainingState } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { anewText, errorText } from "@/i18n/translate";
import { Card } from "@/ui/card";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { TrainForm } from "./train-form";

interface TrainingCardProps {
  readonly project: Project;
  readonly runs: readonly Run[];
  readonly state: TrainingState | undefined;
}

/** The reason, what went wrong last, and what a run that is under way goes on from. */
function Why({ state }: { readonly state: TrainingState }) {
  const { t } = useI18n();
  const { why, next, run } = state;
  const { failure } = why;
  const said = failure === null ? "" : errorText(t, failure, why.failure_message ?? "");
  const from =
    run === null || !state.is_training
      ? null
      : run.origin_number !== null
        ? t("training.from", { number: run.origin_number })
        : anewText(t, run.anew);
  return (
    <div className="stack">
      <p className="reason" data-testid="training-reason">
        {t(`policy.why.${why.code}`, {
          n: next.new_gold,
          wanted: next.wanted,
          minutes: next.minutes_left ?? why.retry_minutes ?? 0,
          reason: said,
        })}
      </p>
      {failure === null || why.code === "refused" ? null : (
        <p data-testid="training-failed">{t("training.failed", { reason: said })}</p>
      )}
      {from === null ? null : (
        <p className="muted" data-testid="training-from">
          {from}
        </p>
      )}
    </div>
  );
}

export function TrainingCard({ project, runs, state }: TrainingCardProps) {
  const { t } = useI18n();
  const catalogue = useCatalogue();
  const progress = useProgress(project.id);
  const gold = progress.data?.gold ?? 0;
  return (
    <Card title={t("training.now")} testId="training-card">
      <div className="form">
        {state === undefined ? <Loading /> : <Why state={state} />}
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
