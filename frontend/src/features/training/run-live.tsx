// A run while it runs: phase, epoch, loss, F1, how long still, and the way to stop it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelRun } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Run } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { phaseText } from "@/i18n/translate";
import { Bar } from "@/ui/bar";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Curve } from "@/ui/curve";
import type { Point } from "@/ui/curve";
import { Problem } from "@/ui/notice";
import { ChangedSettings } from "./changed-settings";

interface RunLiveProps {
  readonly projectId: number;
  readonly run: Run;
}

function series(run: Run, field: "loss" | "dev_f1"): readonly Point[] {
  return run.history.flatMap((point) => {
    const value = point[field];
    return value === null ? [] : [{ x: point.epoch, y: value }];
  });
}

export function RunCurves({ run }: { readonly run: Run }) {
  const { t } = useI18n();
  const losses = series(run, "loss");
  const scores = series(run, "dev_f1");
  if (losses.length === 0 && scores.length === 0) return null;
  return (
    <div className="curves">
      {losses.length === 0 ? null : (
        <Curve
          title={t("training.loss")}
          points={losses}
          format={(value) => value.toPrecision(3)}
        />
      )}
      {scores.length === 0 ? null : (
        <Curve
          title={t("training.dev_f1")}
          points={scores}
          top={1}
          format={(value) => value.toFixed(3)}
        />
      )}
    </div>
  );
}

export function RunLive({ projectId, run }: RunLiveProps) {
  const { t, format } = useI18n();
  const queries = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelRun(run.id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.runs(projectId) }),
  });
  const phase = run.state === "running" && run.phase !== "" ? run.phase : run.state;
  const facts = [
    {
      name: t("training.epoch"),
      value: run.epoch === null ? "–" : `${run.epoch} / ${run.epochs ?? "?"}`,
    },
    { name: t("training.loss"), value: run.loss === null ? "–" : run.loss.toPrecision(3) },
    { name: t("training.dev_f1"), value: format.score(run.dev_f1) },
    {
      name: t("training.eta"),
      value: run.eta_seconds === null ? "–" : format.duration(run.eta_seconds),
    },
  ];
  return (
    <Card
      title={t("training.run", { id: run.id })}
      testId="run-progress"
      aside={
        <Button
          weight="danger"
          size="small"
          disabled={stop.isPending || stop.isSuccess}
          onClick={() => stop.mutate()}
        >
          {stop.isSuccess ? t("training.stopping") : t("training.cancel")}
        </Button>
      }
    >
      <div className="stack">
        <Bar
          label={phaseText(t, phase)}
          share={run.progress}
          text={format.percent(run.progress)}
          testId="run-bar"
        />
        <dl className="facts">
          {facts.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{value}</dd>
            </div>
          ))}
        </dl>
        <RunCurves run={run} />
        <p className="muted small">
          {run.model} · {run.encoder} · {t(`training.speed.${run.speed}`)} ·{" "}
          {t("training.learns_from", { gold: run.gold_count, holdout: run.holdout_count })}
        </p>
        <ChangedSettings model={run.model} settings={run.settings} />
        <Problem error={stop.error} />
      </div>
    </Card>
  );
}
