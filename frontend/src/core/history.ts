// What was done, step by step, so that it can be taken back, after a reload too.
import { applyEdits, inverseOf } from "./edits";
import type { Edit } from "./edits";
import type { Work } from "./graph";

/** All that one command did: it is undone as one. */
export interface Step {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export interface History {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}

export const NO_HISTORY: History = { done: [], undone: [] };
const LONGEST = 300;

export interface Worked {
  readonly work: Work;
  readonly history: History;
}

/** Do a step; a step without edits changes nothing. */
export function doStep({ work, history }: Worked, step: Step): Worked {
  if (step.edits.length === 0) return { work, history };
  return {
    work: applyEdits(work, step.edits),
    history: { done: [...history.done, step].slice(-LONGEST), undone: [] },
  };
}

export function undo({ work, history }: Worked): Worked {
  const step = history.done.at(-1);
  if (step === undefined) return { work, history };
  return {
    work: applyEdits(work, inverseOf(step.edits)),
    history: { done: history.done.slice(0, -1), undone: [...history.undone, step] },
  };
}

export function redo({ work, history }: Worked): Worked {
  const step = history.undone.at(-1);
  if (step === undefined) return { work, history };
  return {
    work: applyEdits(work, step.edits),
    history: { done: [...history.done, step], undone: history.undone.slice(0, -1) },
  };
}
