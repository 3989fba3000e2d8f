// Pages that are fetched when they are asked for.
import { lazy } from "react";

export const AnnotationPage = lazy(async () => {
  const { AnnotationPage: page } = await import("@/features/annotation/annotation-page");
  return { default: page };
});

export const SentencesPage = lazy(async () => {
  const { SentencesPage: page } = await import("@/features/sentences/sentences-page");
  return { default: page };
});

export const TrainingPage = lazy(async () => {
  const { TrainingPage: page } = await import("@/features/training/training-page");
  return { default: page };
});

export const CurvesPage = lazy(async () => {
  const { CurvesPage: page } = await import("@/features/curves/curves-page");
  return { default: page };
});

export const ImportPage = lazy(async () => {
  const { ImportPage: page } = await import("@/features/exchange/import-page");
  return { default: page };
});

export const ExportPage = lazy(async () => {
  const { ExportPage: page } = await import("@/features/exchange/export-page");
  return { default: page };
});

export const SchemaPage = lazy(async () => {
  const { SchemaPage: page } = await import("@/features/schema/schema-page");
  return { default: page };
});

export const GraphPage = lazy(async () => {
  const { GraphPage: page } = await import("@/features/graph/graph-page");
  return { default: page };
});

export const SettingsPage = lazy(async () => {
  const { SettingsPage: page } = await import("@/features/settings/settings-page");
  return { default: page };
});

export const FactorCard = lazy(async () => {
  const { FactorCard: card } = await import("@/features/accounts/factor-card");
  return { default: card };
});

export const SuggestionsPage = lazy(async () => {
  const { SuggestionsPage: page } = await import("@/features/suggestions/suggestions-page");
  return { default: page };
});

export const GuidelinesPage = lazy(async () => {
  const { GuidelinesPage: page } = await import("@/features/guidelines/guidelines-page");
  return { default: page };
});

export const ModelsPage = lazy(async () => {
  const { ModelsPage: page } = await import("@/features/models/models-page");
  return { default: page };
});

export const ComparePage = lazy(async () => {
  const { ComparePage: page } = await import("@/features/models/compare-page");
  return { default: page };
});

export const ErrorsPage = lazy(async () => {
  const { ErrorsPage: page } = await import("@/features/errors/errors-page");
  return { default: page };
});

export const CalibrationPage = lazy(async () => {
  const { CalibrationPage: page } = await import("@/features/calibration/calibration-page");
  return { default: page };
});
