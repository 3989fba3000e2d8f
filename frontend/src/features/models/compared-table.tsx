// The runs of a comparison side by side: how far they are, what came of them, what they cost.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelRun, promoteModel } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Compared, Project, Run } from "@/api/types";
import { isLive } from "@/api/use-project";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/notice";
import { Costs } from "./costs";
import { F1 } from "./figures";
import { Make } from "./leader-row";

type Version = Compared["versions"][number];

interface RunRowProps {
  readonly run: Run;
  readonly version: Version | undefined;
  readonly mayAct: boolean;
  readonly onPromote: (id: number) => void;
  readonly onCancel: () => void;
}

function Standing({ run, version }: Pick<RunRowProps, "run" | "version">) {
  const { t, format } = useI18n();
  if (run.error !== null) {
    return <p className="muted small">{errorText(t, run.error.code, run.error.message)}</p>;
  }
  if (version !== undefined) {
    const state = version.state === "active" ? ` · ${t("models.active")}` : "";
    return (
      <p className="muted small">
        {t("models.number", { number: version.number })}
        {state}
      </p>
    );
  }
  const share = run.state === "running" ? ` · ${format.percent(run.progress)}` : "";
  return (
    <p className="muted small">
      {t(`run.${run.state}`)}
      {share}
    </p>
  );
}

function RunRow({ run, version, mayAct, onPromote, onCancel }: RunRowProps) {
  const { t } = useI18n();
  return (
    <tr data-testid={`compared-${run.id}`}>
      <th scope="row" className="who">
        <div>
          <Make model={run.model} encoder={run.encoder} /> · {t(`training.speed.${run.speed}`)}
        </div>
        <Standing run={run} version={version} />
      </th>
      <td>{version === undefined ? "–" : <F1 figure={version.triple} />}</td>
      <td>{version === undefined ? "–" : <F1 figure={version.entity} />}</td>
      <td>{version === undefined ? "–" : <Costs costs={version.costs} />}</td>
      <td>
        {mayAct && version !== undefined && version.state !== "active" ? (
          <Button size="small" onClick={() => onPromote(version.id)}>
            {t("models.promote")}
            <span className="visually-hidden"> {version.number}</span>
          </Button>
        ) : null}
        {mayAct && isLive(run) ? (
          <Button size="small" onClick={onCancel}>
            {t("training.cancel")}
          </Button>
        ) : null}
      </td>
    </tr>
  );
}

interface ComparedTableProps {
  readonly project: Project;
  readonly compared: Compared;
}

export function ComparedTable({ project, compared }: ComparedTableProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const onSettled = () => {
    void queries.invalidateQueries({ queryKey: keys.leaderboard(project.id) });
    void queries.invalidateQueries({ queryKey: keys.models(project.id) });
    return queries.invalidateQueries({ queryKey: keys.comparisons(project.id) });
  };
  const promotion = useMutation({ mutationFn: promoteModel, onSettled });
  const cancel = useMutation({ mutationFn: cancelRun, onSettled });
  return (
    <>
      <Problem error={promotion.error ?? cancel.error} />
      <div className="table-wrap">
        <table className="board">
          <thead>
            <tr>
              <th scope="col">{t("room.model")}</th>
              <th scope="col">{t("metric.triple_f1")}</th>
              <th scope="col">{t("metric.entity_f1")}</th>
              <th scope="col">{t("room.costs")}</th>
              <th scope="col">
                <span className="visually-hidden">{t("room.do")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {compared.runs.map((run) => (
              <RunRow
                key={run.id}
                run={run}
                version={compared.versions.find((one) => one.run === run.id)}
                mayAct={project.role === "manager"}
                onPromote={(id) => promotion.mutate(id)}
                onCancel={() => cancel.mutate(run.id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
