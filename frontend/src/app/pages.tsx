// The table of addresses.
import type { ReactNode } from "react";
import type { User } from "@/api/types";
import { HomePage } from "@/features/projects/home-page";
import { ProjectsPage } from "@/features/projects/projects-page";
import type { PathParams } from "@/ui/router";
import { matchPath } from "@/ui/router";
import {
  AnnotationPage,
  SentencesPage,
  TrainingPage,
  CurvesPage,
  ImportPage,
  ExportPage,
  SchemaPage,
  GraphPage,
  SettingsPage,
  FactorCard,
  SuggestionsPage,
  GuidelinesPage,
  ModelsPage,
  ComparePage,
  ErrorsPage,
  CalibrationPage,
} from "./lazy-pages";
import { MissingPage } from "./missing-page";

export interface FoundPage {
  readonly projectId: number | null;
  readonly isWide: boolean;
  readonly show: (user: User) => ReactNode;
}

interface PageRow {
  readonly pattern: string;
  readonly isWide?: boolean;
  readonly show: (
    user: User,
    projectId: number,
    sentenceId: number | null,
    params: PathParams,
  ) => ReactNode;
}

const annotate: PageRow["show"] = (_, projectId, sentenceId) => (
  <AnnotationPage key={projectId} projectId={projectId} sentenceId={sentenceId} />
);

const PAGES: readonly PageRow[] = [
  { pattern: "/", show: () => null },
  { pattern: "/projects", show: () => <ProjectsPage /> },
  { pattern: "/settings", show: () => <SettingsPage more={<FactorCard />} /> },
  { pattern: "/projects/:id", show: (_, id) => <HomePage projectId={id} /> },
  { pattern: "/projects/:id/sentences", show: (_, id) => <SentencesPage projectId={id} /> },
  { pattern: "/projects/:id/suggestions", show: (_, id) => <SuggestionsPage projectId={id} /> },
  { pattern: "/projects/:id/training", show: (_, id) => <TrainingPage projectId={id} /> },
  { pattern: "/projects/:id/curves", show: (_, id) => <CurvesPage projectId={id} /> },
  { pattern: "/projects/:id/models", show: (_, id) => <ModelsPage projectId={id} /> },
  {
    pattern: "/projects/:id/models/compare/:a/:b",
    show: (_user, id, _sentence, params) => (
      <ComparePage projectId={id} first={Number(params["a"])} second={Number(params["b"])} />
    ),
  },
  {
    pattern: "/projects/:id/models/:version/errors",
    show: (_user, id, _sentence, params) => (
      <ErrorsPage projectId={id} versionId={Number(params["version"])} />
    ),
  },
  {
    pattern: "/projects/:id/models/:version/calibration",
    show: (_user, id, _sentence, params) => (
      <CalibrationPage projectId={id} versionId={Number(params["version"])} />
    ),
  },
  { pattern: "/projects/:id/import", show: (_, id) => <ImportPage projectId={id} /> },
  { pattern: "/projects/:id/export", show: (_, id) => <ExportPage projectId={id} /> },
  {
    pattern: "/projects/:id/graph",
    isWide: true,
    show: (_, id) => <GraphPage projectId={id} />,
  },
  { pattern: "/projects/:id/schema", show: (_, id) => <SchemaPage projectId={id} /> },
  { pattern: "/projects/:id/guidelines", show: (_, id) => <GuidelinesPage projectId={id} /> },
  { pattern: "/projects/:id/annotate", isWide: true, show: annotate },
  { pattern: "/projects/:id/annotate/:sentenceId", isWide: true, show: annotate },
];

const MISSING: FoundPage = { projectId: null, isWide: false, show: () => <MissingPage /> };

export function findPage(path: string): FoundPage {
  for (const page of PAGES) {
    const params = matchPath(page.pattern, path);
    if (params === null) continue;
    const projectId = Number(params["id"] ?? 0);
    const sentenceId = params["sentenceId"] === undefined ? null : Number(params["sentenceId"]);
    if (!Number.isInteger(projectId) || !Number.isInteger(sentenceId ?? 0)) return MISSING;
    return {
      projectId: params["id"] === undefined ? null : projectId,
      isWide: page.isWide ?? false,
      show: (user) => page.show(user, projectId, sentenceId, params),
    };
  }
  return MISSING;
}
