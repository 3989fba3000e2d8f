// What lies on the desk of a browser: work that waits to be saved, and its history. Never the text.
import type { Graph } from "@/core/graph";
import type { History } from "@/core/history";
import type { Lane } from "@/core/outbox";

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
  readonly all: (userId: number) => Promise<readonly Desk[]>;
  readonly put: (desk: Desk) => Promise<void>;
  readonly drop: (desk: Pick<Desk, "userId" | "sentenceId">) => Promise<void>;
}

const NAME = "relata";
const DESKS = "desks";

function asPromise<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the browser's database failed"));
  });
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(DESKS, { keyPath: ["userId", "sentenceId"] });
  };
  return asPromise(request);
}

/** Keeps desks in the browser's database, so that they outlive a reload, a crash, a lost network. */
export function databaseStore(): DeskStore {
  let opening: Promise<IDBDatabase> | null = null;
  const desks = async (mode: IDBTransactionMode) => {
    opening ??= openDatabase();
    return (await opening).transaction(DESKS, mode).objectStore(DESKS);
  };
  return {
    all: async (userId) => {
      const range = IDBKeyRange.bound([userId, 0], [userId, Number.MAX_SAFE_INTEGER]);
      const found = (await desks("readonly")).getAll(range) as IDBRequest<Desk[]>;
      return asPromise(found);
    },
    put: async (desk) => {
      await asPromise((await desks("readwrite")).put(desk));
    },
    drop: async ({ userId, sentenceId }) => {
      await asPromise((await desks("readwrite")).delete([userId, sentenceId]));
    },
  };
}
