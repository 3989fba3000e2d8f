// Turns the editor's state into what has to be drawn: marks with numbers, words and colours.
import { findEntity, findRelation, numberOf, relationKey } from "@/core/graph";
import type { ArcIn } from "@/core/layout/arcs";
import type { Scene } from "@/core/layout/sentence";
import type { SpanIn } from "@/core/layout/spans";
import { lockOf } from "@/core/lock";
import { canEnd, isReachable } from "@/core/relations";
import { entityType, relationType, shortLabel } from "@/core/schema";
import { proposalsOf } from "@/core/state";
import type { EditorState } from "@/core/state";
import { entityKey } from "@/core/suggestions";
import type { Proposal } from "@/core/suggestions";
import { sameSpan } from "@/core/graph";
import type { Measure } from "./measure";

/** What one mark under the text, or one label on an arc, shows. */
export interface Mark {
  readonly id: string;
  readonly number: number;
  readonly label: string;
  readonly color: string;
  readonly confidence: number | null;
  readonly isChosen: boolean;
  readonly isFaded: boolean;
  readonly isDirected: boolean;
  /** The locked head of every relation to come. */
  readonly isLocked?: boolean;
}

export interface Marks {
  readonly spans: readonly Mark[];
  readonly arcs: readonly (Mark & { readonly head: string; readonly tail: string })[];
}

const CHIP = 26;
const percent = (confidence: number) => `${Math.round(confidence * 100)}%`;

export function markText({ number, label, confidence }: Mark): string {
  return confidence === null ? `${number} ${label}` : `${label} ${percent(confidence)}`;
}

function headInFocus(state: EditorState): string | null {
  const { focus } = state;
  const lock = lockOf(state);
  if (lock !== null) return lock.head;
  if (focus.kind === "entity" && focus.isFresh !== true) return focus.id;
  return focus.kind === "pair" ? focus.first : null;
}

/** Would picking this entity now come to nothing, as the schema forbids it? */
function isOutOfReach(state: EditorState, head: string | null, id: string): boolean {
  const { focus } = state;
  if (focus.kind === "end") return !canEnd(state, focus.key, focus.which, id);
  return head !== null && head !== id && !isReachable(state, head, id);
}

function chosenIds(state: EditorState): readonly string[] {
  const { focus, work } = state;
  if (focus.kind === "entity") return [focus.id];
  if (focus.kind === "pair") return [focus.first, focus.second];
  if (focus.kind === "proposal") return [focus.key];
  if (focus.kind === "matrix") return focus.pair.split(">");
  if (focus.kind !== "relation" && focus.kind !== "end") return [];
  const relation = findRelation(work, focus.key);
  return relation === undefined ? [] : [focus.key, relation.head, relation.tail];
}

function workMarks(state: EditorState): Marks {
  const { work, schema } = state;
  const chosen = chosenIds(state);
  const head = headInFocus(state);
  const plain = { confidence: null, isFaded: false };
  const spans = work.entities.map(({ id, type }, place): Mark => {
    const known = entityType(schema, type);
    const isFaded = isOutOfReach(state, head, id);
    const look = { label: shortLabel(known, type), color: known?.color ?? "", isFaded };
    const isChosen = chosen.includes(id);
    const isLocked = lockOf(state)?.head === id;
    const rest = { confidence: null, isChosen, isLocked, isDirected: false };
    return { id, number: place + 1, ...look, ...rest };
  });
  const arcs = work.relations.map((relation, place) => {
    const known = relationType(schema, relation.type);
    const id = relationKey(relation);
    const look = { label: shortLabel(known, relation.type), color: known?.color ?? "", ...plain };
    const isDirected = known?.symmetric !== true;
    const { head: from, tail: to } = relation;
    const ends = { head: from, tail: to };
    return { id, number: place + 1, ...look, isChosen: chosen.includes(id), isDirected, ...ends };
  });
  return { spans, arcs };
}

/** The mark that stands for one end of a proposed relation: the entity, or its own proposal. */
function anchorOf(state: EditorState, span: Parameters<typeof entityKey>[0]): string {
  return sameSpan(state.work, span)?.id ?? entityKey(span);
}

function proposalMarks(state: EditorState, open: readonly Proposal[]): Marks {
  const { schema } = state;
  const chosen = chosenIds(state);
  const spans: Mark[] = [];
  const arcs: (Mark & { head: string; tail: string })[] = [];
  for (const [place, proposal] of open.entries()) {
    const isEntity = proposal.kind === "entity";
    const { type, confidence } = isEntity ? proposal.entity : proposal.relation;
    const known = isEntity ? entityType(schema, type) : relationType(schema, type);
    const mark: Mark = {
      id: proposal.key,
      number: place + 1,
      label: shortLabel(known, type),
      color: known?.color ?? "",
      confidence,
      isChosen: chosen.includes(proposal.key),
      isFaded: false,
      isDirected: !isEntity && relationType(schema, type)?.symmetric !== true,
    };
    if (isEntity) spans.push(mark);
    else {
      const [head, tail] = [anchorOf(state, proposal.head), anchorOf(state, proposal.tail)];
      arcs.push({ ...mark, head, tail });
    }
  }
  return { spans, arcs };
}

export function marksOf(state: EditorState): Marks {
  const own = workMarks(state);
  const proposed = proposalMarks(state, proposalsOf(state));
  return {
    spans: [...own.spans, ...proposed.spans],
    arcs: [...own.arcs, ...proposed.arcs],
  };
}

function spansIn(state: EditorState, marks: Marks, measure: Measure): SpanIn[] {
  const proposals = new Map(proposalsOf(state).map((proposal) => [proposal.key, proposal]));
  return marks.spans.flatMap((mark): SpanIn[] => {
    const proposal = proposals.get(mark.id);
    const span = proposal?.kind === "entity" ? proposal.entity : findEntity(state.work, mark.id);
    if (span === undefined) return [];
    const labelWidth = measure(markText(mark)) + CHIP;
    return [{ id: mark.id, start: span.start, end: span.end, labelWidth }];
  });
}

/** Whose arcs are drawn when not all are. */
function shownIds(state: EditorState): readonly string[] {
  const { focus, work } = state;
  if (focus.kind === "entity") return [focus.id];
  if (focus.kind === "pair") return [focus.first];
  if (focus.kind === "matrix") return focus.pair.split(">");
  if (focus.kind === "relation" || focus.kind === "end") {
    const relation = findRelation(work, focus.key);
    return relation === undefined ? [] : [relation.head];
  }
  const proposal = proposalsOf(state).find(
    ({ key }) => focus.kind === "proposal" && key === focus.key,
  );
  if (proposal === undefined) return [];
  return [anchorOf(state, proposal.kind === "entity" ? proposal.entity : proposal.head)];
}

export function sceneOf(
  state: EditorState,
  marks: Marks,
  measure: Measure,
  widths: readonly number[],
  room: number,
): Scene {
  const arcs = marks.arcs.map((mark): ArcIn => ({
    id: mark.id,
    head: mark.head,
    tail: mark.tail,
    labelWidth: measure(markText(mark)) + CHIP,
  }));
  const shown = state.showsAllArcs ? "all" : shownIds(state);
  return { text: state.text, widths, room, spans: spansIn(state, marks, measure), arcs, shown };
}

/** The number and words of an entity: "1 二甲双胍". */
export function entityWords(state: EditorState, id: string): string {
  const entity = findEntity(state.work, id);
  if (entity === undefined) return "";
  return `${numberOf(state.work, id)} ${state.text.slice(entity.start, entity.end)}`;
}
