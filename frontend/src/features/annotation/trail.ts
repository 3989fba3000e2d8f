// The row of sentences of one sitting: those seen, the one on the desk, those fetched ahead.
import type { Sentence } from "@/api/types";

export interface Trail {
  readonly sentences: readonly Sentence[];
  readonly place: number;
  /** The queue had nothing more to give when it was last asked. */
  readonly isDry: boolean;
}

export const NO_TRAIL: Trail = { sentences: [], place: 0, isDry: false };
/** Ask for more when fewer than this lie ahead. */
const AHEAD = 3;

export function current(trail: Trail): Sentence | null {
  return trail.sentences[trail.place] ?? null;
}

export function ahead(trail: Trail): readonly Sentence[] {
  return trail.sentences.slice(trail.place + 1);
}

export function needsMore(trail: Trail): boolean {
  return !trail.isDry && ahead(trail).length < AHEAD;
}

/** The queue may hand out again what this person holds already. */
export function extend(trail: Trail, given: readonly Sentence[]): Trail {
  const known = new Set(trail.sentences.map(({ id }) => id));
  const fresh = given.filter(({ id }) => !known.has(id));
  return { ...trail, sentences: [...trail.sentences, ...fresh], isDry: fresh.length === 0 };
}

/** At the end of the row the queue is asked once more: it may have grown meanwhile. */
export function forward(trail: Trail): Trail {
  const place = Math.min(trail.place + 1, trail.sentences.length);
  return { ...trail, place, isDry: trail.isDry && place < trail.sentences.length };
}

/** The queue has a new order: what was fetched ahead is given up. */
export function forgetAhead(trail: Trail): Trail {
  return { ...trail, sentences: trail.sentences.slice(0, trail.place + 1), isDry: false };
}

export function back(trail: Trail): Trail {
  return { ...trail, place: Math.max(0, trail.place - 1) };
}

/** Put a sentence on the desk, wherever it comes from. */
export function visit(trail: Trail, sentence: Sentence): Trail {
  const there = trail.sentences.findIndex(({ id }) => id === sentence.id);
  if (there !== -1) return { ...trail, place: there };
  const sentences = [...trail.sentences];
  sentences.splice(trail.place, 0, sentence);
  return { ...trail, sentences };
}

/** The same sentence, as the server has it now. */
export function renewed(trail: Trail, fresh: Sentence): Trail {
  const sentences = trail.sentences.map((one) => (one.id === fresh.id ? fresh : one));
  return { ...trail, sentences };
}

/** Somebody else has it now: nothing ahead may be a sentence that one cannot keep. */
export function without(trail: Trail, id: number): Trail {
  const place = trail.sentences.findIndex((sentence) => sentence.id === id);
  if (place <= trail.place) return trail;
  return { ...trail, sentences: trail.sentences.filter((sentence) => sentence.id !== id) };
}
