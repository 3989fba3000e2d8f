// What lies on the desk of a browser tab: work that waits to be saved, and its history. Never the text.
import type { Graph } from "@/core/graph";
import type { History } from "@/core/history";
import { joined } from "@/core/outbox";
import type { Lane } from "@/core/outbox";
import type { Tab } from "./tab";

export interface Desk {
  readonly userId: number;
  readonly projectId: number;
  readonly sentenceId: number;
  readonly lane: Lane;
  readonly graph: Graph;
  readonly history: History;
  readonly rejected: readonly string[];
  readonly seconds: number;
  readonly touchedAt: number;
}

export interface DeskStore {
  /** What this tab laid down, before it was loaded again for instance. */
  readonly own: (userId: number) => Promise<readonly Desk[]>;
  /** Give what closed tabs left behind to somebody who keeps it, then forget it; never to two tabs. */
  readonly adopt: (userId: number, keep: (desk: Desk) => Promise<void>) => Promise<void>;
  readonly put: (desk: Desk) => Promise<void>;
  readonly drop: (desk: Pick<Desk, "userId" | "sentenceId">) => Promise<void>;
}

type Stored = Desk & { readonly tabId: string };

const NAME = "relata";
const DESKS = "desks-by-tab";
const BEFORE_TABS = "desks";

function asPromise<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database failed"));
  });
}

/** What an earlier program kept, one desk for all tabs, counts as left behind. */
function upgrade(request: IDBOpenDBRequest): void {
  const { result: database, transaction } = request;
  const desks = database.createObjectStore(DESKS, { keyPath: ["userId", "tabId", "sentenceId"] });
  if (!database.objectStoreNames.contains(BEFORE_TABS) || transaction === null) return;
  const old = transaction.objectStore(BEFORE_TABS).getAll() as IDBRequest<Desk[]>;
  old.onsuccess = () => {
    for (const desk of old.result) desks.put({ ...desk, tabId: BEFORE_TABS });
    database.deleteObjectStore(BEFORE_TABS);
  };
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 2);
  request.onupgradeneeded = () => upgrade(request);
  return asPromise(request);
}

/** This tab's desk with what a closed tab had still to send; the newer graph is the one to show. */
export function joinDesks(own: Desk, left: Desk): Desk {
  const shown = own.touchedAt >= left.touchedAt ? own : left;
  return { ...shown, lane: joined(own.lane, left.lane) };
}

async function closedAmong(tab: Tab, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const others = [...new Set(ids)].filter((id) => id !== tab.id);
  const alive = await Promise.all(others.map((id) => tab.isAlive(id)));
  return new Set(others.filter((_, place) => alive[place] === false));
}

/** Keeps desks in the browser's database, so that they outlive a reload, a crash, a lost network. */
export function databaseStore(claiming: () => Promise<Tab>): DeskStore {
  let opening: Promise<IDBDatabase> | null = null;
  let owner: Promise<Tab> | null = null;
  const tabOf = () => (owner ??= claiming());
  const desks = async (mode: IDBTransactionMode) => {
    opening ??= openDatabase();
    const transaction = (await opening).transaction(DESKS, mode, { durability: "strict" });
    return transaction.objectStore(DESKS);
  };
  const stored = async (userId: number) => {
    const range = IDBKeyRange.bound([userId], [userId + 1]);
    return asPromise((await desks("readonly")).getAll(range) as IDBRequest<Stored[]>);
  };
  return {
    own: async (userId) => {
      const { id } = await tabOf();
      return (await stored(userId)).filter(({ tabId }) => tabId === id);
    },
    adopt: async (userId, keep) => {
      const tab = await tabOf();
      await tab.alone(async () => {
        const found = await stored(userId);
        const closed = await closedAmong(
          tab,
          found.map(({ tabId }) => tabId),
        );
        for (const desk of found.filter(({ tabId }) => closed.has(tabId))) {
          await keep(desk);
          const place = [userId, desk.tabId, desk.sentenceId];
          await asPromise((await desks("readwrite")).delete(place));
        }
      });
    },
    put: async (desk) => {
      const tabId = (await tabOf()).id;
      await asPromise((await desks("readwrite")).put({ ...desk, tabId }));
    },
    drop: async ({ userId, sentenceId }) => {
      const { id } = await tabOf();
      await asPromise((await desks("readwrite")).delete([userId, id, sentenceId]));
    },
  };
}
