// One card says why the model is or is not training, and has the button.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { startRun } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { isLive, useCatalogue, useProgress } from "@/api/use-project";
import type { Project, Run, Speed } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";
import type { Translate } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Choice, FieldRow } from "@/ui/field";
import { Problem } from "@/ui/notice";

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
  const queries = useQueryClient();
  const catalogue = useCatalogue();
  const progress = useProgress(project.id);
  const [model, setModel] = useState(project.model);
  const [encoder, setEncoder] = useState(project.encoder);
  const [speed, setSpeed] = useState<Speed>(project.speed);
  const start = useMutation({
    mutationFn: () => startRun(project.id, { model, encoder, speed }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.runs(project.id) }),
  });
  const gold = progress.data?.gold ?? 0;
  const isQueued = runs.some(({ state }) => state === "queued");
  const named = (items: readonly { name: string; title: string }[] | undefined, own: string) =>
    (items ?? [{ name: own, title: own }]).map(({ name, title }) => ({
      value: name,
      label: title,
    }));
  return (
    <Card title={t("training.now")} testId="training-card">
      <div className="form">
        <p className="reason" data-testid="training-reason">
          {reasonOf(t, runs, gold)}
        </p>
        {project.role === "manager" ? (
          <>
            <FieldRow>
              <Choice
                label={t("training.model")}
                value={model}
                options={named(catalogue.data?.models, model)}
                onChoose={setModel}
              />
              <Choice
                label={t("training.encoder")}
                value={encoder}
                options={named(catalogue.data?.encoders, encoder)}
                onChoose={setEncoder}
              />
              <Choice
                label={t("training.speed")}
                hint={t(`training.speed_hint.${speed}`)}
                value={speed}
                options={(["quick", "full"] as const).map((value) => ({
                  value,
                  label: t(`training.speed.${value}`),
                }))}
                onChoose={(value) => setSpeed(value === "full" ? "full" : "quick")}
              />
            </FieldRow>
            <Problem error={start.error} />
            <div className="form-actions">
              <Button
                weight="primary"
                size="large"
                data-testid="retrain"
                disabled={start.isPending || isQueued || gold === 0}
                onClick={() => start.mutate()}
              >
                {t("training.retrain")}
              </Button>
              <span className="muted">{t("training.gold", { n: gold })}</span>
            </div>
          </>
        ) : (
          <p className="muted">{t("training.managers_only")}</p>
        )}
      </div>
    </Card>
  );
}
