// Which tab of the browser this is, and which others still live: each has a desk of its own.
import { newKey } from "@/api/idempotency";

export interface Tab {
  readonly id: string;
  readonly isAlive: (id: string) => Promise<boolean>;
  /** Do something that no other tab may do at the same time. */
  readonly alone: (work: () => Promise<void>) => Promise<void>;
}

const MEMORY = "relata.tab";
const PATIENCE = 1000;
const BEAT = 5000;
/** A tab in the background may be woken once a minute only. */
const SILENCE = 150_000;

const nameOf = (id: string) => `${MEMORY}.${id}`;
const locks = (): LockManager | undefined => (navigator as { readonly locks?: LockManager }).locks;

/** Hold the lock of this name for as long as the page lives; false when another page has it. */
function holdFor(manager: LockManager, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const keep = () => {
      resolve(true);
      return new Promise<never>(() => undefined);
    };
    manager.request(name, { signal }, keep).catch(() => resolve(false));
  });
}

/** A page that is loaded again stays the same tab; a duplicated one becomes another. */
async function idWithLock(manager: LockManager): Promise<string> {
  const remembered = sessionStorage.getItem(MEMORY);
  if (remembered !== null && (await holdFor(manager, nameOf(remembered)))) return remembered;
  const id = newKey();
  await holdFor(manager, nameOf(id));
  return id;
}

function heartbeats(id: string): Tab["isAlive"] {
  const beat = () => localStorage.setItem(nameOf(id), String(Date.now()));
  beat();
  setInterval(beat, BEAT);
  window.addEventListener("pagehide", () => localStorage.removeItem(nameOf(id)));
  return (other) => {
    const last = Number(localStorage.getItem(nameOf(other)) ?? 0);
    return Promise.resolve(Date.now() - last < SILENCE);
  };
}

/** Without encryption browsers offer no locks: then heartbeats tell who lives. */
export async function claimTab(): Promise<Tab> {
  const manager = locks();
  if (manager === undefined) {
    const id = sessionStorage.getItem(MEMORY) ?? newKey();
    sessionStorage.setItem(MEMORY, id);
    return { id, isAlive: heartbeats(id), alone: (work) => work() };
  }
  const id = await idWithLock(manager);
  sessionStorage.setItem(MEMORY, id);
  return {
    id,
    alone: async (work) => {
      await manager.request(`${MEMORY}s.adopting`, work);
    },
    isAlive: async (other) => {
      const { held = [] } = await manager.query();
      return held.some(({ name }) => name === nameOf(other));
    },
  };
}
