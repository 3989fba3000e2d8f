// How far the project is: sentences by state, relations by type, people.
import { useSchema } from "@/api/use-project";
import type { Progress } from "@/api/types";
import { relationType } from "@/core/schema";
import { useI18n } from "@/i18n/context";
import type { MessageKey } from "@/i18n/translate";
import { Bar } from "@/ui/bar";
import { Card } from "@/ui/card";

interface ProgressProps {
  readonly progress: Progress;
}

const STATES: readonly { readonly name: MessageKey; readonly field: keyof Progress }[] = [
  { name: "home.gold", field: "gold" },
  { name: "home.submitted", field: "submitted" },
  { name: "home.in_progress", field: "in_progress" },
  { name: "home.pending", field: "pending" },
  { name: "home.skipped", field: "skipped" },
  { name: "home.suggested", field: "suggested" },
  { name: "home.holdout", field: "holdout" },
];

export function ProgressCard({ progress }: ProgressProps) {
  const { t, format } = useI18n();
  const { total, gold, submitted } = progress;
  const done = gold + submitted;
  const share = (count: number) => (total === 0 ? 0 : count / total);
  return (
    <Card
      title={t("home.progress")}
      testId="progress"
      aside={<span className="muted numbers">{t("home.of", { done, total })}</span>}
    >
      <div className="stack">
        <Bar
          label={t("home.done")}
          share={share(done)}
          text={format.percent(share(done))}
          testId="progress-done"
        />
        <dl className="facts">
          {STATES.map(({ name, field }) => (
            <div key={field}>
              <dt>{t(name)}</dt>
              <dd className="numbers">{format.number(Number(progress[field]))}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Card>
  );
}

export function RelationsCard({
  projectId,
  progress,
}: ProgressProps & { readonly projectId: number }) {
  const { t, format } = useI18n();
  const schema = useSchema(projectId);
  const rows = progress.by_relation_type;
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <Card title={t("home.by_relation")}>
      {rows.length === 0 ? <p className="muted">{t("ui.none")}</p> : null}
      <div className="bars">
        {rows.map(({ type, count }) => {
          const known = schema.data && relationType(schema.data, type);
          return (
            <Bar
              key={type}
              label={known?.label ?? type}
              share={count / most}
              text={format.number(count)}
              {...(known ? { color: known.color } : {})}
            />
          );
        })}
      </div>
    </Card>
  );
}

export function PeopleCard({ progress }: ProgressProps) {
  const { t, format } = useI18n();
  const people = progress.by_person;
  return (
    <Card title={t("home.by_person")}>
      {people.length === 0 ? <p className="muted">{t("ui.none")}</p> : null}
      {people.length === 0 ? null : (
        <div className="table-wrap">
          <table>
            <thead>
              <tr>
                <th>{t("home.person")}</th>
                <th className="right">{t("home.submitted_count")}</th>
                <th className="right">{t("home.per_sentence")}</th>
                <th className="right">{t("home.total_time")}</th>
              </tr>
            </thead>
            <tbody>
              {people.map(({ username, display_name, submitted, seconds }) => (
                <tr key={username}>
                  <td>{display_name || username}</td>
                  <td className="right">{format.number(submitted)}</td>
                  <td className="right">
                    {submitted === 0 ? "–" : format.duration(seconds / submitted)}
                  </td>
                  <td className="right">{format.duration(seconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
