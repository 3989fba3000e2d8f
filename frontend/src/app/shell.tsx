// The frame: who one is, where one can go, language and appearance.
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { getProject } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { User } from "@/api/types";
import { useI18n } from "@/i18n/context";
import type { MessageKey } from "@/i18n/translate";
import { Brand } from "@/ui/brand";
import { Link, usePath } from "@/ui/router";
import { Tools } from "@/ui/tools";
import { Account } from "./account";
import { useInForce } from "./in-force";
import type { FoundPage } from "./pages";

interface Place {
  readonly path: string;
  readonly name: MessageKey;
  readonly managersOnly?: boolean;
  readonly reviewersOnly?: boolean;
}

const PLACES: readonly Place[] = [
  { path: "", name: "nav.home" },
  { path: "/annotate", name: "nav.annotate" },
  { path: "/sentences", name: "nav.sentences" },
  { path: "/suggestions", name: "nav.suggestions" },
  { path: "/training", name: "nav.training" },
  { path: "/curves", name: "nav.progress" },
  { path: "/models", name: "nav.models" },
  { path: "/graph", name: "nav.graph", reviewersOnly: true },
  { path: "/schema", name: "nav.schema" },
  { path: "/guidelines", name: "nav.guidelines" },
  { path: "/import", name: "nav.import", managersOnly: true },
  { path: "/export", name: "nav.export" },
];

function ProjectNav({ projectId }: { readonly projectId: number }) {
  const { t } = useI18n();
  const path = usePath();
  const project = useQuery({
    queryKey: keys.project(projectId),
    queryFn: () => getProject(projectId),
  });
  if (project.data === undefined) return null;
  const base = `/projects/${projectId}`;
  const places = PLACES.filter(
    (place) =>
      project.data.role === "manager" ||
      (place.managersOnly !== true &&
        (place.reviewersOnly !== true || project.data.role === "reviewer")),
  );
  const isHere = (place: Place) =>
    place.path === "" ? path === base : path.startsWith(base + place.path);
  return (
    <>
      <span className="crumb" title={project.data.name}>
        {project.data.name}
      </span>
      <nav aria-label={t("shell.project_pages")}>
        {places.map((place) => (
          <Link
            key={place.path}
            to={base + place.path}
            aria-current={isHere(place) ? "page" : undefined}
          >
            {t(place.name)}
          </Link>
        ))}
      </nav>
    </>
  );
}

interface ShellProps {
  readonly user: User;
  readonly page: FoundPage;
  readonly children: ReactNode;
}

export function Shell({ user, page, children }: ShellProps) {
  const { t } = useI18n();
  const keep = useInForce();
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {t("shell.skip")}
      </a>
      <header className={page.projectId === null ? "topbar" : "topbar has-project"}>
        <Brand />
        {page.projectId === null ? null : <ProjectNav projectId={page.projectId} />}
        <div className="topbar-tools">
          <Tools
            onTheme={(theme) => keep({ theme })}
            onLanguage={(language) => keep({ language })}
          />
          <Account user={user} />
        </div>
      </header>
      <main id="content" className={page.isWide ? "page page-wide" : "page"} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
