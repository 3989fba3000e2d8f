// The table of addresses; the larger pages are fetched when they are asked for.
import { lazy } from "react";
import type { ReactNode } from "react";
import type { User } from "@/api/types";
import { HomePage } from "@/features/projects/home-page";
import { ProjectsPage } from "@/features/projects/projects-page";
import type { PathParams } from "@/ui/router";
import { matchPath } from "@/ui/router";
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

const AnnotationPage = lazy(async () => {
  const { AnnotationPage: page } = await import("@/features/annotation/annotation-page");
  return { default: page };
});

const annotate: PageRow["show"] = (_, projectId, sentenceId) => (
  <AnnotationPage key={projectId} projectId={projectId} sentenceId={sentenceId} />
);

const SentencesPage = lazy(async () => {
  const { SentencesPage: page } = await import("@/features/sentences/sentences-page");
  return { default: page };
});
const TrainingPage = lazy(async () => {
  const { TrainingPage: page } = await import("@/features/training/training-page");
  return { default: page };
});
const CurvesPage = lazy(async () => {
  const { CurvesPage: page } = await import("@/features/curves/curves-page");
  return { default: page };
});
const ImportPage = lazy(async () => {
  const { ImportPage: page } = await import("@/features/exchange/import-page");
  return { default: page };
});
const ExportPage = lazy(async () => {
  const { ExportPage: page } = await import("@/features/exchange/export-page");
  return { default: page };
});
const SchemaPage = lazy(async () => {
  const { SchemaPage: page } = await import("@/features/schema/schema-page");
  return { default: page };
});

const GraphPage = lazy(async () => {
  const { GraphPage: page } = await import("@/features/graph/graph-page");
  return { default: page };
});

const SettingsPage = lazy(async () => {
  const { SettingsPage: page } = await import("@/features/settings/settings-page");
  return { default: page };
});
const FactorCard = lazy(async () => {
  const { FactorCard: card } = await import("@/features/accounts/factor-card");
  return { default: card };
});
const SuggestionsPage = lazy(async () => {
  const { SuggestionsPage: page } = await import("@/features/suggestions/suggestions-page");
  return { default: page };
});

const GuidelinesPage = lazy(async () => {
  const { GuidelinesPage: page } = await import("@/features/guidelines/guidelines-page");
  return { default: page };
});

const ModelsPage = lazy(async () => {
  const { ModelsPage: page } = await import("@/features/models/models-page");
  return { default: page };
});
const ComparePage = lazy(async () => {
  const { ComparePage: page } = await import("@/features/models/compare-page");
  return { default: page };
});
const ErrorsPage = lazy(async () => {
  const { ErrorsPage: page } = await import("@/features/errors/errors-page");
  return { default: page };
});

const CalibrationPage = lazy(async () => {
  const { CalibrationPage: page } = await import("@/features/calibration/calibration-page");
  return { default: page };
});

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
