// What a version gets wrong: by type and class of error, by sort of sentence; each number opens.
import { useQuery } from "@tanstack/react-query";
import { getErrors } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Errors } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { closeOver, Link, openOver, usePath, useQueryString } from "@/ui/router";
import { isSame, KINDS, placeOf, readCell, writeCell } from "./cell";
import type { Cell } from "./cell";
import { CellSentences } from "./cell-sentences";
import { Confusion } from "./confusion";
import { ErrorTable } from "./error-table";
import { SlicesCard } from "./slices-card";
import { CLASSES } from "./use-words";
import "./errors.css";

function Meanings() {
  const { t } = useI18n();
  return (
    <details className="error-details">
      <summary>{t("analysis.classes")}</summary>
      <dl className="meanings">
        {CLASSES.map((name) => (
          <div key={name}>
            <dt>{t(`analysis.class.${name}`)}</dt>
            <dd>{t(`analysis.means.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <p className="small muted">{t("analysis.classes_how")}</p>
    </details>
  );
}

interface TablesProps {
  readonly projectId: number;
  readonly errors: Errors;
}

function Tables({ projectId, errors }: TablesProps) {
  const { t } = useI18n();
  const path = usePath();
  const cell = readCell(useQueryString());
  const open = (wanted: Cell) => {
    if (isSame(cell, wanted)) closeOver();
    else openOver(path + writeCell(wanted));
  };
  const opened = { projectId, versionId: errors.version, cell, onClose: closeOver };
  return (
    <div className="stack">
      {KINDS.map((kind) => {
        const part = kind === "relation" ? errors.relations : errors.entities;
        return (
          <Card key={kind} title={t(`analysis.${kind}`)} testId={`part-${kind}`}>
            {part.types.length === 0 ? <p className="muted">{t("analysis.none")}</p> : null}
            <ErrorTable kind={kind} part={part} opened={cell} onOpen={open} />
            {cell?.kind === kind && placeOf(cell) === "classes" ? (
              <CellSentences {...opened} />
            ) : null}
            {kind === "relation" ? <Meanings /> : null}
            <Confusion kind={kind} part={part} {...opened} onOpen={open} />
          </Card>
        );
      })}
      <SlicesCard slices={errors.slices} {...opened} onOpen={open} />
    </div>
  );
}

interface ErrorsPageProps {
  readonly projectId: number;
  readonly versionId: number;
}

export function ErrorsPage({ projectId, versionId }: ErrorsPageProps) {
  const { t } = useI18n();
  const errors = useQuery({
    queryKey: keys.errors(projectId, versionId),
    queryFn: () => getErrors(projectId, versionId),
  });
  const { data } = errors;
  const back = (
    <Link className="button button-plain button-normal" to={`/projects/${projectId}/models`}>
      {t("analysis.back")}
    </Link>
  );
  return (
    <>
      <PageHead
        title={
          data === undefined ? t("analysis.title") : t("analysis.title_of", { number: data.number })
        }
        lead={data === undefined ? null : `${data.model} · ${data.encoder}`}
        actions={back}
      />
      <Problem error={errors.error} />
      {errors.isPending ? <Loading /> : null}
      {data === undefined ? null : (
        <>
          <p className="error-lead" data-testid="measured">
            {t(`analysis.on.${data.measured_on}`, { n: data.sentences })} {t("analysis.how")}
          </p>
          <Tables projectId={projectId} errors={data} />
        </>
      )}
    </>
  );
}
