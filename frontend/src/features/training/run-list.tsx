// The runs that are over, and why those ended that came to nothing.
import type { Run, RunState } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";
import { Card } from "@/ui/card";
import { ChangedSettings } from "./changed-settings";

const TONES: Partial<Record<RunState, string>> = {
  done: "badge badge-good",
  failed: "badge badge-bad",
  cancelled: "badge badge-warn",
};

function seconds({ started_at, finished_at }: Run): number | null {
  if (started_at === null || finished_at === null) return null;
  return (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
}

function Outcome({ run }: { readonly run: Run }) {
  const { t, format } = useI18n();
  if (run.error !== null) {
    return (
      <>
        {errorText(t, run.error.code, run.error.message)}{" "}
        <code className="muted small">{run.error.code}</code>
        {run.error.code === "bad_settings" ? (
          <p className="muted small" lang="en">
            {run.error.message}
          </p>
        ) : null}
      </>
    );
  }
  const score = run.metrics?.["triple_f1"];
  return <>{typeof score === "number" ? `${t("metric.triple_f1")} ${format.score(score)}` : "–"}</>;
}

export function RunList({ runs }: { readonly runs: readonly Run[] }) {
  const { t, format } = useI18n();
  if (runs.length === 0) return null;
  return (
    <Card title={t("training.past")} testId="runs">
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th>#</th>
              <th>{t("training.state")}</th>
              <th>{t("training.model")}</th>
              <th className="right">{t("training.gold_count")}</th>
              <th className="right">{t("training.took")}</th>
              <th>{t("training.outcome")}</th>
              <th>{t("training.when")}</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => {
              const took = seconds(run);
              return (
                <tr key={run.id} data-testid={`run-${run.id}`}>
                  <td className="numbers">{run.id}</td>
                  <td>
                    <span className={TONES[run.state] ?? "badge"}>{t(`run.${run.state}`)}</span>
                  </td>
                  <td>
                    {run.model} · {run.encoder}
                    <ChangedSettings model={run.model} settings={run.settings} />
                  </td>
                  <td className="right">{format.number(run.gold_count)}</td>
                  <td className="right">{took === null ? "–" : format.duration(took)}</td>
                  <td>
                    <Outcome run={run} />
                  </td>
                  <td className="small muted">
                    {format.moment(run.created_at)} {run.requested_by ?? ""}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
