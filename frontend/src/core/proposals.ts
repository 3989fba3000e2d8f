// Walking through the model's proposals, and answering them.
import { NO_FOCUS, focusOn, proposalInFocus, proposalsOf, take } from "./state";
import type { EditorState, Focus } from "./state";
import { acceptEdits, confidenceOf, rejectEdits } from "./suggestions";
import type { Proposal } from "./suggestions";

function placeInFocus(state: EditorState, open: readonly Proposal[]): number {
  const { focus } = state;
  return focus.kind === "proposal" ? open.findIndex(({ key }) => key === focus.key) : -1;
}

/** The proposal that a step in this direction leads to; past the last there is none. */
export function proposalAfter(state: EditorState, direction: 1 | -1): Proposal | undefined {
  const open = proposalsOf(state);
  const place = placeInFocus(state, open);
  if (place === -1) return open.at(direction === 1 ? 0 : -1);
  return open[place + direction];
}

export function walk(state: EditorState, direction: 1 | -1): EditorState {
  const next = proposalAfter(state, direction);
  if (next === undefined) return focusOn(state, NO_FOCUS);
  return focusOn(state, { kind: "proposal", key: next.key });
}

/** Stay at the same place in the row, so that answering leads on to the next proposal. */
function focusAfter(before: EditorState, after: EditorState): Focus {
  const old = proposalsOf(before);
  const open = proposalsOf(after);
  const place = placeInFocus(before, old);
  if (place === -1) return NO_FOCUS;
  const later = old.slice(place).map(({ key }) => key);
  const next = open.find(({ key }) => later.includes(key)) ?? open.at(-1);
  return next === undefined ? NO_FOCUS : { kind: "proposal", key: next.key };
}

function withNextFocus(before: EditorState, after: EditorState): EditorState {
  return { ...after, focus: focusAfter(before, after) };
}

export function accept(state: EditorState, key: string): EditorState {
  const proposal = proposalsOf(state).find((one) => one.key === key);
  if (proposal === undefined) return state;
  const edits = acceptEdits(state.work, state.schema, [proposal]);
  return withNextFocus(state, take(state, { name: "accept", edits }, state.focus));
}

export function reject(state: EditorState, key: string): EditorState {
  const open = proposalsOf(state);
  const proposal = open.find((one) => one.key === key);
  if (proposal === undefined) return state;
  const edits = rejectEdits(state.work, open, proposal);
  return withNextFocus(state, take(state, { name: "reject", edits }, state.focus));
}

export function acceptAll(state: EditorState): EditorState {
  const edits = acceptEdits(state.work, state.schema, proposalsOf(state));
  return take(state, { name: "accept-all", edits }, NO_FOCUS);
}

/** The open proposals that are at least as sure as the threshold, with the entities they rest on. */
export function sureProposals(state: EditorState): readonly Proposal[] {
  return proposalsOf(state).filter((proposal) => confidenceOf(proposal) >= state.threshold);
}

export function acceptSure(state: EditorState): EditorState {
  const edits = acceptEdits(state.work, state.schema, sureProposals(state));
  return take(state, { name: "accept-sure", edits }, NO_FOCUS);
}

/** The proposal that an answer is about: the one in focus, or the first when nothing is. */
export function answerable(state: EditorState): Proposal | undefined {
  return state.focus.kind === "nothing" ? proposalsOf(state)[0] : proposalInFocus(state);
}

/** Accept or refuse the proposal in focus, or the first one. */
export function answer(state: EditorState, how: "accept" | "reject"): EditorState {
  const proposal = answerable(state);
  if (proposal === undefined) return state;
  const { key } = proposal;
  const focused = focusOn(state, { kind: "proposal", key });
  return how === "accept" ? accept(focused, key) : reject(focused, key);
}
