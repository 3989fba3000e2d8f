// Saves decisions sentence by sentence; when somebody was faster, merges once with what they saved.
import { ApiError } from "@/api/client";
import { getAnnotation, putAnnotation } from "@/api/endpoints";
import { newKey } from "@/api/idempotency";
import type { Annotation, Statement } from "@/api/types";
import type { Work } from "@/core/graph";
import { EMPTY } from "@/core/graph";
import { NOTHING_ADDED, acceptAll, draftOf, withdraw } from "./merge";
import type { Added } from "./merge";

export interface Change {
  readonly sentenceId: number;
  readonly rows: readonly Statement[];
  readonly added: Added;
}

const NEW: Annotation = { ...EMPTY, version: 0 };

function newest(error: unknown): Annotation {
  if (!(error instanceof ApiError) || error.status !== 412) throw error;
  return (error.context["current"] as Annotation | null | undefined) ?? NEW;
}

async function save(id: number, mine: Annotation, change: (mine: Annotation) => Work) {
  const put = (base: Annotation) =>
    putAnnotation(id, base.version, newKey(), draftOf(change(base)));
  await put(mine).catch((error: unknown) => put(newest(error)));
}

export function bySentence(rows: readonly Statement[]): readonly (readonly Statement[])[] {
  const found = new Map<number, Statement[]>();
  for (const row of rows) {
    const there = found.get(row.sentence_id);
    if (there === undefined) found.set(row.sentence_id, [row]);
    else there.push(row);
  }
  return [...found.values()];
}

/** Add statements of one sentence to one's own draft of it. */
export async function saveAccepted(
  rows: readonly Statement[],
  symmetric: ReadonlySet<string>,
): Promise<Change> {
  const sentenceId = rows[0]?.sentence_id ?? 0;
  const isNew = rows.every((row) => row.annotation_version === 0);
  let added = NOTHING_ADDED;
  await save(sentenceId, isNew ? NEW : await getAnnotation(sentenceId), (mine) => {
    const accepted = acceptAll(mine, rows, symmetric);
    added = accepted.added;
    return accepted.work;
  });
  return { sentenceId, rows, added };
}

export async function saveWithdrawn({ sentenceId, added }: Change): Promise<void> {
  await save(sentenceId, await getAnnotation(sentenceId), (mine) => withdraw(mine, added));
}
