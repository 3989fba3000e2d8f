// The projects that one is a member of.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listProjects } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import { NewProjectDialog } from "./new-project";

function ProjectCard({ project }: { readonly project: Project }) {
  const { t } = useI18n();
  return (
    <li className="project-card">
      <h2>
        <Link to={`/projects/${project.id}`}>{project.name}</Link>
      </h2>
      <p className="muted small">
        {t(`language.${project.language}`)} · {project.model} · {project.encoder}
      </p>
      <p>
        <span className="badge">{t(`role.${project.role}`)}</span>
      </p>
    </li>
  );
}

export function ProjectsPage() {
  const { t } = useI18n();
  const [isNew, setNew] = useState(false);
  const projects = useQuery({ queryKey: keys.projects, queryFn: listProjects });
  return (
    <>
      <PageHead
        title={t("projects.title")}
        actions={
          <Button weight="primary" onClick={() => setNew(true)}>
            {t("projects.new")}
          </Button>
        }
      />
      <Problem error={projects.error} />
      {projects.isPending ? <Loading /> : null}
      {projects.data?.results.length === 0 ? <p>{t("projects.empty")}</p> : null}
      <ul className="project-grid">
        {projects.data?.results.map((project) => (
          <ProjectCard key={project.id} project={project} />
        ))}
      </ul>
      {isNew ? <NewProjectDialog onClose={() => setNew(false)} /> : null}
    </>
  );
}
