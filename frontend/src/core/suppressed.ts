// What the model did not suggest, and why: too unsure, or forbidden by the schema. It can be said all the same.
import { sameSpan } from "./graph";
import { NO_FOCUS, take } from "./state";
import type { EditorState } from "./state";
import { entityType, isLegal } from "./schema";
import { acceptEdits, allProposals, confidenceOf, entityKey, openProposals } from "./suggestions";
import type { Proposal, SuggestedEntity, Weighed } from "./suggestions";

export type Reason = "unlikely" | "unsure" | "illegal" | "unknown-ends";

export interface Suppressed {
  readonly proposal: Proposal;
  readonly reason: Reason;
}

type Span = Pick<SuggestedEntity, "start" | "end">;

/** The entity at a place: labelled, else suggested; its type is needed to say a relation. */
function entityThere(state: EditorState, { start, end }: Span): SuggestedEntity | undefined {
  const isThere = (one: Span) => one.start === start && one.end === end;
  const own = state.work.entities.find(isThere);
  if (own !== undefined) return { ...own, confidence: 1 };
  return state.suggestion?.entities.find(isThere);
}

function proposalOf(state: EditorState, weighed: Weighed, id: string): Suppressed {
  const { kind, type, confidence, start, end } = weighed;
  const ghost = (span: Span): SuggestedEntity => ({ id, ...span, type: "", confidence: 0 });
  if (kind === "entity") {
    const entity = { id, start, end, type, confidence };
    const isKnown = entityType(state.schema, type) !== undefined;
    const proposal: Proposal = { kind, key: entityKey(entity), entity };
    return { proposal, reason: isKnown ? "unsure" : "illegal" };
  }
  const places = [
    { start, end },
    { start: weighed.tail_start ?? 0, end: weighed.tail_end ?? 0 },
  ] as const;
  const [head, tail] = [entityThere(state, places[0]), entityThere(state, places[1])];
  const [from, to] = [head ?? ghost(places[0]), tail ?? ghost(places[1])];
  const relation = { head: from.id, tail: to.id, type, confidence };
  const key = `${entityKey(from)}>${entityKey(to)}:${type}`;
  const proposal: Proposal = { kind, key, relation, head: from, tail: to };
  if (head === undefined || tail === undefined) return { proposal, reason: "unknown-ends" };
  const isSayable = isLegal(state.schema, head.type, type, tail.type);
  return { proposal, reason: isSayable ? "unsure" : "illegal" };
}

function isSaid(state: EditorState, { proposal }: Suppressed): boolean {
  if (proposal.kind === "entity") return sameSpan(state.work, proposal.entity) !== undefined;
  const [head, tail] = [sameSpan(state.work, proposal.head), sameSpan(state.work, proposal.tail)];
  return state.work.relations.some(
    (one) => one.head === head?.id && one.tail === tail?.id && one.type === proposal.relation.type,
  );
}

/** What was nearly suggested and what the schema keeps from being suggested; surest first. */
export function suppressed(state: EditorState): readonly Suppressed[] {
  const { suggestion, schema } = state;
  if (suggestion === null || !state.showsProposals) return [];
  const nearly = (suggestion.refused ?? []).map((one, place) =>
    proposalOf(state, one, `w${place + 1}`),
  );
  const forbidden = allProposals(suggestion)
    .filter((one) =>
      one.kind === "entity"
        ? entityType(schema, one.entity.type) === undefined
        : !isLegal(schema, one.head.type, one.relation.type, one.tail.type),
    )
    .map((proposal): Suppressed => ({ proposal, reason: "illegal" }));
  const unlikely = openProposals(state.work, schema, suggestion)
    .filter((proposal) => confidenceOf(proposal) < state.floor)
    .map((proposal): Suppressed => ({ proposal, reason: "unlikely" }));
  return [...forbidden, ...unlikely, ...nearly].filter((one) => !isSaid(state, one));
}

/** Say what the model only nearly said. */
export function saySuppressed(state: EditorState, { proposal, reason }: Suppressed): EditorState {
  if (reason !== "unsure" && reason !== "unlikely") return state;
  const edits = acceptEdits(state.work, state.schema, [proposal]);
  return take(state, { name: "accept", edits }, NO_FOCUS);
}
