// One import: how far it is, and every line that was refused with its reason.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelImport } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { ImportJob } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { errorText, formatText } from "@/i18n/translate";
import { Bar } from "@/ui/bar";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Notice, Problem } from "@/ui/notice";
import { ImportSummary } from "./import-summary";

const TONES = {
  queued: "badge",
  running: "badge badge-accent",
  done: "badge badge-good",
  failed: "badge badge-bad",
  cancelled: "badge badge-warn",
};
const SHOWN = 50;

/** The rule in the reader's language, and what exactly the server found. */
function Reason({ code, message }: { readonly code: string; readonly message: string }) {
  const { t } = useI18n();
  const said = errorText(t, code, message);
  return (
    <>
      {said}
      {said === message ? null : <span className="muted small"> {message}</span>}
    </>
  );
}

function Refusals({ job }: { readonly job: ImportJob }) {
  const { t } = useI18n();
  if (job.problems.length === 0) return null;
  return (
    <details open={job.problems.length <= 10}>
      <summary>{t("import.problems", { n: job.refused })}</summary>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th className="right">{t("import.line")}</th>
              <th>{t("import.code")}</th>
              <th>{t("import.reason")}</th>
            </tr>
          </thead>
          <tbody>
            {job.problems.slice(0, SHOWN).map(({ line, code, message }) => (
              <tr key={`${line} ${code} ${message}`}>
                <td className="right">{line}</td>
                <td>
                  <code className="small">{code}</code>
                </td>
                <td>
                  <Reason code={code} message={message} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

interface ReportProps {
  readonly projectId: number;
  readonly job: ImportJob;
}

export function ImportReport({ projectId, job }: ReportProps) {
  const { t, format } = useI18n();
  const queries = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelImport(projectId, job.id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.imports(projectId) }),
  });
  const isLive = job.state === "queued" || job.state === "running";
  const counts = (["accepted", "refused", "duplicates"] as const).map((name) => ({
    name: t(`import.${name}`),
    value: format.number(job[name]),
  }));
  return (
    <Card
      title={job.filename}
      testId={`import-${job.id}`}
      aside={
        <span className="form-actions">
          <span className={TONES[job.state]}>{t(`import.${job.state}`)}</span>
          {isLive ? (
            <Button weight="danger" size="small" onClick={() => stop.mutate()}>
              {t("ui.cancel")}
            </Button>
          ) : null}
        </span>
      }
    >
      <div className="stack">
        {isLive ? (
          <Bar
            label={t("import.progress")}
            share={job.progress}
            text={format.percent(job.progress)}
          />
        ) : null}
        <dl className="scores-row">
          {counts.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="numbers">{value}</dd>
            </div>
          ))}
          <div>
            <dt>{t("import.format")}</dt>
            <dd>{job.format === "auto" ? t("import.auto") : formatText(t, job.format)}</dd>
          </div>
        </dl>
        {job.error === null ? null : (
          <Notice tone="bad">{errorText(t, job.error.code, job.error.message)}</Notice>
        )}
        <ImportSummary summary={job.summary} />
        <Refusals job={job} />
        <Problem error={stop.error} />
        <p className="muted small">{format.moment(job.created_at)}</p>
      </div>
    </Card>
  );
}
