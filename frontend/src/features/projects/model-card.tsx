// What the model can do by now, and whether it is learning.
import { isLive, useModels, useRuns, useTrainingState } from "@/api/use-project";
import type { Progress, Run, TrainingState } from "@/api/types";
import { useI18n } from "@/i18n/context";
import type { Formatters } from "@/i18n/format";
import { whySlots } from "@/i18n/training-words";
import { phaseText } from "@/i18n/translate";
import type { Translate } from "@/i18n/translate";
import { Bar } from "@/ui/bar";
import { Card } from "@/ui/card";
import { Link } from "@/ui/router";

interface ModelCardProps {
  readonly projectId: number;
  readonly progress: Progress;
}

function share(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

type Live = Run | undefined;

function learningText(t: Translate, format: Formatters, run: Live, state?: TrainingState) {
  if (run === undefined || run.state === "queued")
    return state === undefined ? "" : t(`policy.why.${state.why.code}`, whySlots(t, state));
  const phase = phaseText(t, run.phase || run.state);
  return t("home.training_now", { phase, percent: format.percent(run.progress) });
}

export function ModelCard({ projectId, progress }: ModelCardProps) {
  const { t, format } = useI18n();
  const models = useModels(projectId);
  const runs = useRuns(projectId);
  const state = useTrainingState(projectId);
  const active = models.data?.results.find(({ state }) => state === "active");
  const run = runs.data?.results.find(isLive);
  return (
    <Card
      title={t("home.model")}
      testId="model-card"
      aside={<Link to={`/projects/${projectId}/training`}>{t("home.open_training")}</Link>}
    >
      <div className="stack">
        {active === undefined ? (
          <p className="muted">{t("home.no_model")}</p>
        ) : (
          <>
            <p>{t("home.model_is", { number: active.number, model: active.model })}</p>
            <div className="bars">
              <Bar
                label={t("metric.entity_f1")}
                share={share(active.metrics["entity_f1"])}
                text={format.score(share(active.metrics["entity_f1"]))}
              />
              <Bar
                label={t("metric.triple_f1")}
                share={share(active.metrics["triple_f1"])}
                text={format.score(share(active.metrics["triple_f1"]))}
              />
            </div>
          </>
        )}
        <p data-testid="training-reason">{learningText(t, format, run, state.data)}</p>
        {progress.stale > 0 ? (
          <p className="muted">{t("home.stale", { n: progress.stale })}</p>
        ) : null}
      </div>
    </Card>
  );
}
