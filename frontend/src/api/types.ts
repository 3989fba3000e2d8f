// Short names for what the server says; the types themselves are generated from its own schema.
import type { components } from "./generated/schema";

type Said = components["schemas"];

export type User = Said["UserOut"];
export type Session = Said["SessionOut"];
export type Provider = Said["ProviderOut"];
export type SecondFactor = Said["FactorOut"];
export type Enrolment = Said["EnrolmentOut"];
export type RecoveryCodes = Said["RecoveryOut"];
/** No language: none was chosen yet; the generator does not see that an enumeration may be null. */
export type Preferences = Omit<Said["PreferencesOut"], "language"> & {
  readonly language: Said["LanguageEnum"] | null;
};
export type Role = Said["RoleEnum"];
export type Speed = Said["SpeedEnum"];
export type Strategy = Said["StrategyEnum"];
export type Project = Said["ProjectOut"];
export type Member = Said["MemberOut"];
export type Schema = Said["SchemaBody"];
export type EntityType = Said["EntityTypeBody"];
export type RelationType = Said["RelationTypeBody"];
export type Guidelines = Said["GuidelinesOut"];
export type Progress = Said["ProgressOut"];
export type Annotation = Said["AnnotationOut"];
export type SavedAnnotation = Said["SaveOut"];
export type Sentence = Said["SentenceOut"];
export type NextSentences = Said["NextOut"];
export type SchemaChange = Said["SchemaChangeOut"];
export type NewSchemaChange = Said["SchemaChangeInRequest"];
export type Comment = Said["CommentOut"];
export type ListedSentence = Said["ListedOut"];
export type Lease = Said["LeaseOut"];
export type ImportJob = Said["ImportOut"];
/** The rules of an import of inserts, which the schema calls an object of anything. */
export interface CutRules {
  readonly sections: readonly string[];
  readonly prefix_drug: boolean;
  readonly cut_semicolons: boolean;
  readonly keep_references: boolean;
  readonly keep_lists: boolean;
  readonly drop_empty: boolean;
  readonly strip_end: boolean;
  readonly join_blanks: boolean;
  readonly empty_phrases: readonly string[];
  readonly shortest: number;
  readonly longest: number;
}
export type InsertPreview = Said["InsertOut"];
export type InsertsPreview = Omit<Said["PreviewOut"], "rules"> & { readonly rules: CutRules };
export type KnowledgeGraph = Said["GraphOut"];
export type Contradiction = Said["ContradictionOut"];
export type Contradictions = Said["ContradictionsOut"];
export type StatedSentence = Said["GraphSentenceOut"];
export type SourceDocument = Said["DocumentOut"];
export type Run = Said["RunOut"];
export type RunState = Run["state"];
export type ModelVersion = Said["ModelOut"];
export type Leaderboard = Said["LeaderboardOut"];
export type Leader = Said["LeaderOut"];
export type Figure = Said["FigureOut"];
export type Gap = Said["F1GapOut"];
export type Comparison = Said["ComparisonOut"];
export type Compared = Said["ComparedOut"];
/** Nothing has changed where `change` is null; the generator does not see that it may be. */
export type DiffStatement = Omit<Said["DiffStatementOut"], "change"> & {
  readonly change: Said["DiffStatementOut"]["change"] | null;
};
export type DiffSentence = Omit<Said["DiffSentenceOut"], "statements"> & {
  readonly statements: readonly DiffStatement[];
};
export type Diff = Omit<Said["DiffOut"], "results"> & {
  readonly results: readonly DiffSentence[];
};
export type Bias = Said["BiasOut"];
export type Check = Said["CheckOut"];
export type Curves = Said["CurvesOut"];
export type Statement = Said["StatementOut"];
export type StatementName = Said["RefusedStatementRequest"];
export type Catalogue = Said["CatalogueOut"];
export type EventPage = Said["EventPage"];

export type NewPreferences = Omit<Preferences, "saved_at">;
export type NewProject = Said["ProjectInRequest"];
export type ProjectChange = Said["PatchedProjectPatchRequest"];
export type NewMember = Said["MemberInRequest"];
export type NewSchema = Said["SchemaBodyRequest"];
export type NewGuidelines = Omit<Guidelines, "version">;
export type NewRun = Said["RunInRequest"];
export type NewAnnotation = Said["AnnotationInRequest"];

/** One page of any list. */
export interface Page<Item> {
  readonly results: readonly Item[];
  readonly next: string | null;
}

export type Errors = Said["ErrorsOut"];
export type ErrorPart = Said["ErrorPartOut"];
export type ErrorClass = Said["ClassEnum"];
export type ErrorSentence = Said["ErrorSentenceOut"];
export type ErrorStatement = Said["ErrorStatementOut"];
export type ErrorSentences = Said["ErrorSentencesOut"];

export type Trust = Said["TrustOut"];
export type Calibration = Said["CalibrationOut"];
export type TrustKind = Said["KindTrustOut"];
export type TrustBin = Said["BinOut"];
export type TrustThreshold = Said["ThresholdOut"];

export type Policy = Said["RunPolicyOut"];
export type PolicyChange = Said["PatchedRunPolicyInRequest"];
export type TrainingState = Said["TrainingOut"];
