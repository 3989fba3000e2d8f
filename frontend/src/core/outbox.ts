// What waits to be saved of one sentence: in order, one key per edit, repeatable until it is answered.
import type { Graph } from "./graph";

export type SaveAction = "save" | "submit" | "skip";

export interface SaveBody extends Graph {
  readonly action: SaveAction;
  /** All the time spent on the sentence so far. */
  readonly seconds: number;
}

export interface Letter {
  /** The idempotency key: the same however often the letter is sent. */
  readonly key: string;
  readonly body: SaveBody;
  /** The version it was written on, fixed at the first attempt so that a repetition is the same. */
  readonly base: number | null;
  readonly attempts: number;
}

export type Trouble =
  | { readonly kind: "conflict"; readonly current: (Graph & { readonly version: number }) | null }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface Lane {
  /** The newest version that the server is known to have. */
  readonly version: number;
  readonly letters: readonly Letter[];
  readonly isSending: boolean;
  readonly trouble: Trouble | null;
}

export const emptyLane = (version: number): Lane => ({
  version,
  letters: [],
  isSending: false,
  trouble: null,
});

/** Write down what shall be saved; a letter that was never sent is replaced by a newer draft. */
export function post(lane: Lane, key: string, body: SaveBody): Lane {
  const last = lane.letters.at(-1);
  const isReplaced = last?.attempts === 0 && last.base === null && last.body.action === "save";
  const kept = isReplaced ? lane.letters.slice(0, -1) : lane.letters;
  return { ...lane, letters: [...kept, { key, body, base: null, attempts: 0 }] };
}

/**
 * Add what a closed tab had still to send to the lane of this one. Its first letter keeps the version
 * it was written on, so that newer work meets it as a conflict and is not written over.
 */
export function joined(lane: Lane, left: Lane): Lane {
  const known = new Set(lane.letters.map(({ key }) => key));
  const added = left.letters
    .map((letter, place) =>
      place === 0 ? { ...letter, base: letter.base ?? left.version } : letter,
    )
    .filter(({ key }) => !known.has(key));
  return {
    version: Math.max(lane.version, left.version),
    letters: [...lane.letters, ...added],
    isSending: lane.isSending,
    trouble: lane.trouble ?? left.trouble,
  };
}

export function nextLetter(lane: Lane): Letter | null {
  return lane.isSending || lane.trouble !== null ? null : (lane.letters[0] ?? null);
}

/** The first letter is on its way now. */
export function begin(lane: Lane): Lane {
  const [first, ...rest] = lane.letters;
  if (first === undefined) return lane;
  const sent = { ...first, base: first.base ?? lane.version, attempts: first.attempts + 1 };
  return { ...lane, letters: [sent, ...rest], isSending: true };
}

export function arrived(lane: Lane, version: number): Lane {
  const newest = Math.max(lane.version, version); // a repetition is answered as it was at first
  return { ...lane, version: newest, letters: lane.letters.slice(1), isSending: false };
}

/** Nobody answered: the letter stays first and is sent again as it is. */
export function unanswered(lane: Lane): Lane {
  return { ...lane, isSending: false };
}

export function troubled(lane: Lane, trouble: Trouble): Lane {
  return { ...lane, isSending: false, trouble };
}

function newest(lane: Lane): Letter | undefined {
  return lane.letters.at(-1);
}

/** The person decided: this graph holds, on top of what the server has now. */
export function settle(lane: Lane, key: string, graph: Graph): Lane {
  const last = newest(lane);
  const current = lane.trouble?.kind === "conflict" ? lane.trouble.current : null;
  const version = current?.version ?? lane.version;
  const action = last?.body.action ?? "save";
  const body: SaveBody = { ...graph, action, seconds: last?.body.seconds ?? 0 };
  return { ...emptyLane(version), letters: [{ key, body, base: null, attempts: 0 }] };
}

/** The person decided: what the server has holds; what waited here is given up. */
export function giveUp(lane: Lane): Lane {
  const current = lane.trouble?.kind === "conflict" ? lane.trouble.current : null;
  return emptyLane(current?.version ?? lane.version);
}

/** What the person last wanted, if it is not saved yet. */
export function unsaved(lane: Lane): SaveBody | null {
  return newest(lane)?.body ?? null;
}

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

/** How long to wait before the next attempt; `chance` in [0, 1) spreads many browsers out. */
export function waitBefore(attempts: number, chance: number): number {
  const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, attempts - 1));
  return wait * (0.75 + chance / 2);
}
