// Everything that the editor of one sentence knows; React only shows it.
import { workOn } from "./graph";
import type { Graph, Work } from "./graph";
import { NO_HISTORY, doStep } from "./history";
import type { History, Step } from "./history";
import { NO_KEYMAP } from "./key-choice";
import type { Keymap } from "./key-choice";
import type { Schema } from "./schema";
import { confidenceOf, openProposals } from "./suggestions";
import type { Proposal, SuggestedGraph } from "./suggestions";
import { indexText } from "./text";
import type { TextIndex } from "./text";
import type { Range } from "./trim";

export type Focus =
  | { readonly kind: "nothing" }
  /** A fresh entity was labelled just now: it can be mended, but the next pick starts anew. */
  | { readonly kind: "entity"; readonly id: string; readonly isFresh?: boolean }
  | { readonly kind: "pair"; readonly first: string; readonly second: string }
  | { readonly kind: "relation"; readonly key: string }
  | { readonly kind: "proposal"; readonly key: string }
  | { readonly kind: "range"; readonly anchor: number; readonly at: number }
  /** One end of a relation waits for another entity. */
  | { readonly kind: "end"; readonly key: string; readonly which: End }
  /** A cell of the pair matrix: an ordered pair and a relation type. */
  | { readonly kind: "matrix"; readonly pair: string; readonly type: string };

export type End = "head" | "tail";

/** A head that stays chosen: every entity picked becomes a tail, of the same relation if one is named. */
export interface Lock {
  readonly head: string;
  readonly type: string | null;
}

/** What stays as it is from sentence to sentence. */
export interface Habits {
  /** The entity type that a selection takes at once. */
  readonly armed: string | null;
  readonly showsProposals: boolean;
  /** Proposals at least this sure are accepted together. */
  readonly threshold: number;
  /** Proposals less sure than this are listed apart: they would cost more time than they save. */
  readonly floor: number;
}

export const HABITS: Habits = { armed: null, showsProposals: true, threshold: 0.9, floor: 0.25 };

/** Something that the person should be told, once. */
export type Hint =
  | { readonly kind: "no-legal-relation"; readonly first: string; readonly second: string }
  | { readonly kind: "said-already" }
  /** A pair with a relation cannot be said to have none. */
  | { readonly kind: "said-related" }
  | { readonly kind: "no-pairs" }
  | { readonly kind: "no-such-number"; readonly number: number }
  | { readonly kind: "same-strings"; readonly id: string; readonly count: number };

export interface EditorState extends Habits {
  readonly text: TextIndex;
  readonly schema: Schema;
  readonly suggestion: SuggestedGraph | null;
  readonly work: Work;
  readonly history: History;
  readonly focus: Focus;
  readonly keymap: Keymap;
  readonly lock: Lock | null;
  /** A number of more than one digit while it is typed: "0", then "01". */
  readonly digits: string;
  readonly showsAllArcs: boolean;
  readonly hint: Hint | null;
}

export const NO_FOCUS: Focus = { kind: "nothing" };
/** With more relations than this only the arcs of what is selected are drawn, until asked. */
export const MANY_ARCS = 14;

export interface Opening {
  readonly text: string;
  readonly schema: Schema;
  readonly graph: Graph | null;
  readonly suggestion: SuggestedGraph | null;
  readonly rejected?: readonly string[];
  readonly history?: History;
  readonly habits?: Habits;
  readonly keymap?: Keymap;
}

export function openEditor(opening: Opening): EditorState {
  const work = workOn(opening.graph, opening.rejected ?? []);
  const opened: EditorState = {
    text: indexText(opening.text),
    schema: opening.schema,
    suggestion: opening.suggestion,
    work,
    history: opening.history ?? NO_HISTORY,
    ...(opening.habits ?? HABITS),
    keymap: opening.keymap ?? NO_KEYMAP,
    focus: NO_FOCUS,
    lock: null,
    digits: "",
    showsAllArcs: true,
    hint: null,
  };
  const proposed = proposalsOf(opened).filter(({ kind }) => kind === "relation").length;
  return { ...opened, showsAllArcs: work.relations.length + proposed <= MANY_ARCS };
}

export function proposalsOf(state: EditorState): readonly Proposal[] {
  if (!state.showsProposals) return [];
  const open = openProposals(state.work, state.schema, state.suggestion);
  return open.filter((proposal) => confidenceOf(proposal) >= state.floor);
}

export function proposalInFocus(state: EditorState): Proposal | undefined {
  const { focus } = state;
  if (focus.kind !== "proposal") return undefined;
  return proposalsOf(state).find((proposal) => proposal.key === focus.key);
}

export function habitsOf({ armed, showsProposals, threshold, floor }: Habits): Habits {
  return { armed, showsProposals, threshold, floor };
}

export function focusOn(state: EditorState, focus: Focus): EditorState {
  return { ...state, focus, digits: "", hint: null };
}

/** Do a step and look at something; a step without edits only moves the focus. */
export function take(state: EditorState, step: Step, focus: Focus): EditorState {
  return { ...focusOn(state, focus), ...doStep(state, step) };
}

/** The selected characters, or null when there is only a caret or nothing. */
export function selectedRange(state: EditorState): Range | null {
  const { focus } = state;
  if (focus.kind !== "range" || focus.anchor === focus.at) return null;
  return { start: Math.min(focus.anchor, focus.at), end: Math.max(focus.anchor, focus.at) };
}

/** The type a selection takes without asking: the armed one, or the only one. */
export function impliedType(state: EditorState): string | null {
  if (state.armed !== null) return state.armed;
  const [only, ...others] = state.schema.entity_types;
  return only !== undefined && others.length === 0 ? only.name : null;
}
