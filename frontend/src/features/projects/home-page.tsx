// A project's home: what needs one now, how far it is, who does what.
import { useProgress, useProject } from "@/api/use-project";
import type { Progress, Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import { Members } from "./members";
import { ModelCard } from "./model-card";
import { PeopleCard, ProgressCard, RelationsCard } from "./progress-cards";
import { SamplingCard } from "./sampling-card";

interface StartProps {
  readonly project: Project;
  readonly progress: Progress;
}

function Start({ project, progress }: StartProps) {
  const { t } = useI18n();
  const base = `/projects/${project.id}`;
  const left = progress.pending + progress.in_progress;
  if (progress.total === 0) {
    return (
      <section className="start" data-testid="start" aria-label={t("home.needs")}>
        <p>{t("home.no_sentences")}</p>
        {project.role === "manager" ? (
          <Link className="button button-primary button-large" to={`${base}/import`}>
            {t("home.import_first")}
          </Link>
        ) : null}
      </section>
    );
  }
  return (
    <section className="start" data-testid="start" aria-label={t("home.needs")}>
      <p>{left === 0 ? t("home.nothing_left") : t("home.left", { n: left })}</p>
      <Link className="button button-primary button-large" to={`${base}/annotate`}>
        {progress.submitted + progress.gold > 0 ? t("home.continue") : t("home.start")}
      </Link>
    </section>
  );
}

export function HomePage({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const project = useProject(projectId);
  const progress = useProgress(projectId);
  if (project.error !== null) return <Problem error={project.error} />;
  if (project.data === undefined) return <Loading />;
  const { role, language, name } = project.data;
  return (
    <>
      <PageHead title={name} lead={`${t(`language.${language}`)} · ${t(`role.${role}`)}`} />
      <Problem error={progress.error} />
      {progress.data === undefined ? null : (
        <>
          <Start project={project.data} progress={progress.data} />
          <div className="columns">
            <div className="stack">
              <ProgressCard progress={progress.data} />
              <RelationsCard projectId={projectId} progress={progress.data} />
            </div>
            <div className="stack">
              <ModelCard projectId={projectId} progress={progress.data} />
              <PeopleCard progress={progress.data} />
              {role === "manager" ? <Members projectId={projectId} /> : null}
              {role === "manager" ? <SamplingCard project={project.data} /> : null}
            </div>
          </div>
        </>
      )}
    </>
  );
}
