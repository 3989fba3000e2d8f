// Everything that the editor of one sentence knows; React only shows it.
import { workOn } from "./graph";
import type { Graph, Work } from "./graph";
import { NO_HISTORY, doStep } from "./history";
import type { History, Step } from "./history";
import type { Schema } from "./schema";
import { openProposals } from "./suggestions";
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
  | { readonly kind: "range"; readonly anchor: number; readonly at: number };

/** Something that the person should be told, once. */
export type Hint =
  | { readonly kind: "no-legal-relation"; readonly first: string; readonly second: string }
  | { readonly kind: "said-already" }
  | { readonly kind: "no-such-number"; readonly number: number }
  | { readonly kind: "same-strings"; readonly id: string; readonly count: number };

export interface EditorState {
  readonly text: TextIndex;
  readonly schema: Schema;
  readonly suggestion: SuggestedGraph | null;
  readonly work: Work;
  readonly history: History;
  readonly focus: Focus;
  /** The entity type that a selection takes at once. */
  readonly armed: string | null;
  /** A number of more than one digit while it is typed: "0", then "01". */
  readonly digits: string;
  readonly showsProposals: boolean;
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
}

export function openEditor(opening: Opening): EditorState {
  const work = workOn(opening.graph, opening.rejected ?? []);
  const count = work.relations.length + (opening.suggestion?.relations.length ?? 0);
  return {
    text: indexText(opening.text),
    schema: opening.schema,
    suggestion: opening.suggestion,
    work,
    history: opening.history ?? NO_HISTORY,
    focus: NO_FOCUS,
    armed: null,
    digits: "",
    showsProposals: true,
    showsAllArcs: count <= MANY_ARCS,
    hint: null,
  };
}

export function proposalsOf(state: EditorState): readonly Proposal[] {
  if (!state.showsProposals) return [];
  return openProposals(state.work, state.schema, state.suggestion);
}

export function proposalInFocus(state: EditorState): Proposal | undefined {
  const { focus } = state;
  if (focus.kind !== "proposal") return undefined;
  return proposalsOf(state).find((proposal) => proposal.key === focus.key);
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
