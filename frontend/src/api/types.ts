// What the server says, in types (interim, until its own schema is generated).

export interface User {
  readonly id: number;
  readonly username: string;
  readonly display_name: string;
}
export interface Session {
  readonly user: User | null;
}
export type Role = "annotator" | "reviewer" | "manager";
export type Speed = "quick" | "full";
export interface Page<Item> {
  readonly results: readonly Item[];
  readonly next: string | null;
}
export interface Project {
  readonly id: number;
  readonly name: string;
  readonly template: string;
  readonly language: "zh" | "en";
  readonly role: Role;
  readonly model: string;
  readonly encoder: string;
  readonly speed: Speed;
  readonly control_share: number;
  readonly holdout_share: number;
  readonly schema_version: number;
  readonly created_at: string;
}
export interface Member {
  readonly id: number;
  readonly user_id: number;
  readonly username: string;
  readonly display_name: string;
  readonly role: Role;
}
export interface EntityType {
  readonly name: string;
  readonly label: string;
  readonly color: string;
  readonly key: string;
}
export interface RelationType extends EntityType {
  readonly symmetric: boolean;
  readonly pairs: readonly (readonly [string, string])[];
}
export interface Schema {
  readonly version: number;
  readonly entity_types: readonly EntityType[];
  readonly relation_types: readonly RelationType[];
}
export interface Progress {
  readonly total: number;
  readonly pending: number;
  readonly in_progress: number;
  readonly leased: number;
  readonly submitted: number;
  readonly gold: number;
  readonly skipped: number;
  readonly suggested: number;
  readonly stale: number;
  readonly holdout: number;
  readonly by_relation_type: readonly { readonly type: string; readonly count: number }[];
  readonly by_person: readonly {
    readonly username: string;
    readonly display_name: string;
    readonly submitted: number;
    readonly seconds: number;
  }[];
}
export type Source = "human" | "accepted" | "edited" | "imported";
export interface Annotation {
  readonly version: number;
  readonly entities: readonly {
    readonly id: string;
    readonly start: number;
    readonly end: number;
    readonly type: string;
    readonly source: Source;
  }[];
  readonly relations: readonly {
    readonly head: string;
    readonly tail: string;
    readonly type: string;
    readonly source: Source;
  }[];
  readonly negatives: readonly { readonly head: string; readonly tail: string }[];
  readonly flags: readonly string[];
  readonly comment: string;
}
export interface Suggestion {
  readonly model_version: number;
  readonly score: number;
  readonly confidence?: number;
  readonly stale: boolean;
  readonly entities: readonly {
    readonly id: string;
    readonly start: number;
    readonly end: number;
    readonly type: string;
    readonly confidence: number;
  }[];
  readonly relations: readonly {
    readonly head: string;
    readonly tail: string;
    readonly type: string;
    readonly confidence: number;
  }[];
}
export type SentenceState = "pending" | "in_progress" | "submitted" | "gold" | "skipped";
export interface Sentence {
  readonly id: number;
  readonly text: string;
  readonly state: SentenceState;
  readonly priority: number | null;
  readonly position: number;
  readonly external_id: string;
  readonly previous_gold: boolean;
  readonly annotation: Annotation | null;
  readonly suggestion: Suggestion | null;
  readonly why: {
    readonly reason: string;
    readonly text: { readonly zh: string; readonly en: string };
  };
  readonly lease_until: string | null;
}
export interface SavedAnnotation {
  readonly version: number;
  readonly state: SentenceState;
  readonly annotation: Annotation;
}
export interface Failure {
  readonly code: string;
  readonly message: string;
}
export interface ImportJob {
  readonly id: number;
  readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
  readonly filename: string;
  readonly format: string;
  readonly labels: string;
  readonly split: string;
  readonly accepted: number;
  readonly refused: number;
  readonly duplicates: number;
  readonly progress: number;
  readonly problems: readonly {
    readonly line: number;
    readonly code: string;
    readonly message: string;
  }[];
  readonly error: Failure | null;
  readonly created_at: string;
  readonly finished_at: string | null;
}
export type RunState = "queued" | "running" | "evaluating" | "done" | "failed" | "cancelled";
export type Metrics = Readonly<Record<string, unknown>>;
export interface Run {
  readonly id: number;
  readonly state: RunState;
  readonly phase: string;
  readonly progress: number;
  readonly epoch: number | null;
  readonly epochs: number | null;
  readonly loss: number | null;
  readonly dev_f1: number | null;
  readonly eta_seconds: number | null;
  readonly model: string;
  readonly encoder: string;
  readonly speed: Speed;
  readonly seed: number;
  readonly gold_count: number;
  readonly holdout_count: number;
  readonly metrics: Metrics | null;
  readonly history: readonly {
    readonly epoch: number | null;
    readonly loss: number | null;
    readonly dev_f1: number | null;
  }[];
  readonly model_version: number | null;
  readonly error: Failure | null;
  readonly requested_by: string | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}
export interface ModelVersion {
  readonly id: number;
  readonly number: number;
  readonly model: string;
  readonly encoder: string;
  readonly state: "candidate" | "active" | "retired";
  readonly metrics: Metrics;
  readonly gate: { readonly passed: boolean; readonly reason: string };
  readonly run: number;
  readonly created_at: string;
  readonly promoted_at: string | null;
  readonly suggested: { readonly done: number; readonly total: number };
}
export interface Catalogue {
  readonly models: readonly {
    readonly name: string;
    readonly title: string;
    readonly paper: string;
    readonly nested: boolean;
  }[];
  readonly encoders: readonly { readonly name: string; readonly title: string }[];
  readonly speeds: readonly Speed[];
  readonly formats: readonly {
    readonly name: string;
    readonly import: boolean;
    readonly export: boolean;
  }[];
}
