// What the browser does with a file of inserts before it is sent: tell it, take its first part, and
// put the raw text together again with everything that happened to it.
import type { InsertPreview } from "@/api/types";
import { indexText } from "@/core/text";

const PART_BYTES = 2_000_000;
const HEAD_BYTES = 4096;
const LINE_END = 0x0a;

/** Whether the beginning of a file looks like inserts: named columns, or `<药名><章节><`. */
export function looksLikeInserts(head: string): boolean {
  const first = head.replace(/^\uFEFF/, "").trimStart();
  if (/^<[^<>\n]+>\s*<[^<>\n]+>\s*</.test(first)) return true;
  const line = first.slice(0, 2000);
  if (/"(?:entities|spo_list)"/.test(line)) return false;
  const names = (words: string) =>
    new RegExp(`(?:^|["\\[{,;\\t|\\s])(?:${words})(?:["\\s,;\\t|]|$)`, "i");
  return (
    names("drug|药名|药品名|药品名称|通用名称|药物").test(line) &&
    names("section|章节|项目|栏目|小节").test(line) &&
    names("text|content|内容|正文|文本").test(line)
  );
}

export const headOf = (file: File): Promise<string> => file.slice(0, HEAD_BYTES).text();

/** The first part of a file, cut at a line's end: enough to look at the cuts. */
export async function firstPart(file: File): Promise<File> {
  if (file.size <= PART_BYTES) return file;
  const bytes = new Uint8Array(await file.slice(0, PART_BYTES).arrayBuffer());
  const end = bytes.lastIndexOf(LINE_END);
  return new File([bytes.subarray(0, end > 0 ? end + 1 : bytes.length)], file.name);
}

export interface Stretch {
  readonly kind: "sentence" | "dropped" | "removed" | "rest";
  readonly text: string;
  /** Which sentence (from 0) a stretch belongs to, so that neighbours can be told apart. */
  readonly number: number;
  /** Why: of a change, of a piece that was dropped. */
  readonly why: string;
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly kind: Stretch["kind"];
  readonly number: number;
  readonly why: string;
}

/** Tile the raw text of an insert: sentences, what was dropped, what was removed, what is between. */
export function stretchesOf(insert: InsertPreview): Stretch[] {
  const index = indexText(insert.text);
  let number = -1;
  const pieces: Mark[] = insert.pieces.map(({ start, end, drop }) => {
    if (drop === null) number += 1;
    return { start, end, kind: drop === null ? "sentence" : "dropped", number, why: drop ?? "" };
  });
  const removed: Mark[] = insert.changes.map(({ start, end, why }) => ({
    start,
    end,
    kind: "removed",
    number: -1,
    why,
  }));
  const borders = new Set([0, index.length]);
  for (const { start, end } of [...pieces, ...removed]) {
    borders.add(start);
    borders.add(end);
  }
  const places = [...borders].filter((one) => one <= index.length).sort((a, b) => a - b);
  const stretches: Stretch[] = [];
  const walk = { piece: 0, change: 0 };
  for (let at = 0; at + 1 < places.length; at += 1) {
    const [start, end] = [places[at] ?? 0, places[at + 1] ?? 0];
    const mark = covering(removed, start, walk, "change") ?? covering(pieces, start, walk, "piece");
    stretches.push({
      kind: mark?.kind ?? "rest",
      text: index.slice(start, end),
      number: mark?.number ?? -1,
      why: mark?.why ?? "",
    });
  }
  return stretches;
}

/** The mark that covers a place; marks are in order, so each is passed once. */
function covering(
  marks: readonly Mark[],
  place: number,
  walk: { piece: number; change: number },
  which: "piece" | "change",
): Mark | undefined {
  while ((marks[walk[which]]?.end ?? Infinity) <= place) walk[which] += 1;
  const mark = marks[walk[which]];
  return mark !== undefined && mark.start <= place ? mark : undefined;
}
