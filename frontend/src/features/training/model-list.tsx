// The versions that came of training, on the same hold-out; promote one, or go back.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { promoteModel, rollbackModel } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { useModels } from "@/api/use-project";
import type { ModelVersion, Project, Run } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Bar } from "@/ui/bar";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import { ChangedSettings } from "./changed-settings";

const TONES = { active: "badge badge-good", candidate: "badge badge-accent", retired: "badge" };

function metric(version: ModelVersion, name: string): number | null {
  const value = version.metrics[name];
  return typeof value === "number" ? value : null;
}

interface VersionProps {
  readonly version: ModelVersion;
  /** The training it came of, while that is still listed. */
  readonly run: Run | undefined;
  readonly mayPromote: boolean;
  /** Where its errors are shown, to those who may see hold-out labels. */
  readonly errors: string | null;
  /** Where one sees how far it can be believed. */
  readonly trust: string;
  readonly onPromote: () => void;
}

function Version({ version, run, mayPromote, errors, trust, onPromote }: VersionProps) {
  const { t, format } = useI18n();
  const { done, total } = version.suggested;
  return (
    <li className="version" data-testid={`model-${version.number}`}>
      <div className="version-head">
        <b>{t("models.number", { number: version.number })}</b>
        <span className={TONES[version.state]}>{t(`models.${version.state}`)}</span>
        <span className="muted small">
          {version.model} · {version.encoder} · {format.moment(version.created_at)}
        </span>
      </div>
      {run === undefined ? null : <ChangedSettings model={run.model} settings={run.settings} />}
      <dl className="scores">
        {(["entity_f1", "triple_f1", "triple_precision", "triple_recall"] as const).map((name) => (
          <div key={name}>
            <dt>{t(`metric.${name}`)}</dt>
            <dd className="numbers">{format.score(metric(version, name))}</dd>
          </div>
        ))}
      </dl>
      <p className="small muted" title={version.gate.reason}>
        {t("models.verdict", {
          verdict: t(version.gate.passed ? "models.gate_passed" : "models.gate_kept"),
          reason: t(`gate.${version.gate.code}`),
        })}
      </p>
      {version.state === "active" && total > 0 ? (
        <Bar
          label={t("models.suggested")}
          share={done / total}
          text={`${format.number(done)} / ${format.number(total)}`}
        />
      ) : null}
      {errors === null ? null : (
        <Link className="button button-quiet button-small" to={errors}>
          {t("analysis.link")}
          <span className="visually-hidden"> {version.number}</span>
        </Link>
      )}
      <Link className="button button-quiet button-small" to={trust}>
        {t("trust.link")}
        <span className="visually-hidden"> {version.number}</span>
      </Link>
      {mayPromote && version.state !== "active" ? (
        <Button size="small" onClick={onPromote}>
          {t("models.promote")}
        </Button>
      ) : null}
    </li>
  );
}

interface ModelListProps {
  readonly project: Project;
  readonly runs: readonly Run[];
}

export function ModelList({ project, runs }: ModelListProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const models = useModels(project.id);
  const onSettled = () => queries.invalidateQueries({ queryKey: keys.models(project.id) });
  const promotion = useMutation({ mutationFn: promoteModel, onSettled });
  const rollback = useMutation({ mutationFn: () => rollbackModel(project.id), onSettled });
  const versions = models.data?.results ?? [];
  const isManager = project.role === "manager";
  const mayGoBack = isManager && versions.some(({ state }) => state === "retired");
  return (
    <Card
      title={t("models.title")}
      testId="models"
      aside={
        mayGoBack ? (
          <Button size="small" onClick={() => rollback.mutate()}>
            {t("models.rollback")}
          </Button>
        ) : null
      }
    >
      <Problem error={models.error ?? promotion.error ?? rollback.error} />
      {versions.length === 0 ? <p className="muted">{t("models.none")}</p> : null}
      <ul>
        {versions.map((version) => (
          <Version
            key={version.id}
            version={version}
            run={runs.find(({ id }) => id === version.run)}
            mayPromote={isManager}
            errors={
              project.role === "annotator"
                ? null
                : `/projects/${project.id}/models/${version.id}/errors`
            }
            trust={`/projects/${project.id}/models/${version.id}/calibration`}
            onPromote={() => promotion.mutate(version.id)}
          />
        ))}
      </ul>
    </Card>
  );
}
