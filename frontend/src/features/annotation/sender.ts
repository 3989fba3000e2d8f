// Sends what waits, in order, again and again until it is answered; it runs on whatever page is shown.
import { ApiError } from "@/api/client";
import type { SavedAnnotation } from "@/api/types";
import type { Graph } from "@/core/graph";
import { arrived, begin, nextLetter, troubled, unanswered, waitBefore } from "@/core/outbox";
import type { Lane, Letter } from "@/core/outbox";
import { joinDesks } from "./desk-store";
import type { Desk, DeskStore } from "./desk-store";
import { DeskWriter } from "./desk-writer";
import { isFull, isPassing } from "./passing";

export interface SenderDoors {
  readonly store: DeskStore;
  readonly save: (sentenceId: number, letter: Letter) => Promise<SavedAnnotation>;
  /** Whose session this browser has: somebody else may have logged in meanwhile. */
  readonly whoAmI: () => Promise<number | null>;
  readonly now: () => number;
  readonly chance: () => number;
}

export interface SendingState {
  /** Letters that are not answered yet. */
  readonly waiting: number;
  readonly isOffline: boolean;
  /** Does it wait because the server has no room left? */
  readonly isFull: boolean;
  /** Is all of it written down in this browser? */
  readonly isKept: boolean;
  /** Sentences where the person has to decide. */
  readonly troubles: readonly number[];
}

const QUIET: SendingState = {
  waiting: 0,
  isOffline: false,
  isFull: false,
  isKept: true,
  troubles: [],
};
const A_WEEK = 7 * 24 * 3600 * 1000;
/** For so long it is taken for granted that nobody else logged in. */
const KNOWN_FOR = 20_000;

export class Sender {
  readonly #userId: number;
  readonly #doors: SenderDoors;
  readonly #writer: DeskWriter;
  readonly #desks = new Map<number, Desk>();
  readonly #outcomes = new Map<number, SavedAnnotation["state"]>();
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  readonly #listeners = new Set<() => void>();
  #state = QUIET;
  #isOffline = false;
  #isFull = false;
  #isStopped = false;
  #knownUntil = 0;
  #loading: Promise<void> | null = null;

  constructor(userId: number, doors: SenderDoors) {
    this.#userId = userId;
    this.#doors = doors;
    this.#writer = new DeskWriter(doors.store, () => this.#tell());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): SendingState => this.#state;

  desk(sentenceId: number): Desk | undefined {
    return this.#desks.get(sentenceId);
  }

  /** What the sentence's state was after the last save from here. */
  outcome(sentenceId: number): SavedAnnotation["state"] | undefined {
    return this.#outcomes.get(sentenceId);
  }

  /** Take up what an earlier page left behind. */
  load(): Promise<void> {
    this.#loading ??= this.#takeUp();
    return this.#loading;
  }

  /** Take up, from time to time, what another tab left when it was closed. */
  async lookAround(): Promise<void> {
    if (this.#loading === null || this.#isStopped) return;
    await this.#loading;
    await this.#adopt();
  }

  async #takeUp(): Promise<void> {
    for (const desk of await this.#doors.store.own(this.#userId)) {
      this.#desks.set(desk.sentenceId, { ...desk, lane: { ...desk.lane, isSending: false } });
    }
    await this.#adopt();
    for (const desk of this.#desks.values()) {
      const isDone = desk.lane.letters.length === 0 && desk.lane.trouble === null;
      if (!isDone) this.#sendLater(desk.sentenceId, 0);
      else if (this.#doors.now() - desk.touchedAt > A_WEEK) {
        this.#desks.delete(desk.sentenceId);
        void this.#doors.store.drop(desk);
      }
    }
    this.#tell();
  }

  async #adopt(): Promise<void> {
    await this.#doors.store.adopt(this.#userId, async (left) => {
      const known = this.#desks.get(left.sentenceId);
      const lane = { ...left.lane, isSending: false };
      const desk = known === undefined ? { ...left, lane } : joinDesks(known, left);
      this.#desks.set(desk.sentenceId, desk);
      await this.#writer.write(desk);
      this.#tell();
      this.#sendLater(desk.sentenceId, 0);
    });
  }

  /** Put something on the desk; it is written down before it is sent. */
  lay(desk: Omit<Desk, "userId" | "touchedAt">, wait: number): void {
    this.#keep({ ...desk, userId: this.#userId, touchedAt: this.#doors.now() });
    this.#sendLater(desk.sentenceId, wait);
  }

  /** Change a lane after the person has settled a trouble. */
  change(sentenceId: number, graph: Graph, lane: Lane): void {
    const desk = this.#desks.get(sentenceId);
    if (desk === undefined) return;
    this.lay({ ...desk, graph, lane, history: { done: [], undone: [] } }, 0);
  }

  /** Send nothing more: this person has left. What waits stays written down. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  resume(): void {
    this.#isStopped = false;
    this.hurry();
  }

  /** Try at once, for instance when the network is back. */
  hurry(): void {
    for (const sentenceId of this.#desks.keys()) this.#sendLater(sentenceId, 0);
  }

  /** Forget what is saved; what is not stays until it is. */
  async forget(): Promise<void> {
    for (const desk of this.#desks.values()) {
      if (desk.lane.letters.length > 0) continue;
      this.#desks.delete(desk.sentenceId);
      await this.#doors.store.drop(desk);
    }
  }

  #keep(desk: Desk): void {
    this.#desks.set(desk.sentenceId, desk);
    void this.#writer.write(desk);
    this.#tell();
  }

  #move(sentenceId: number, lane: Lane): void {
    const desk = this.#desks.get(sentenceId);
    if (desk !== undefined) this.#keep({ ...desk, lane });
  }

  #tell(): void {
    const desks = [...this.#desks.values()];
    const waiting = desks.reduce((sum, { lane }) => sum + lane.letters.length, 0);
    const troubles = desks
      .filter(({ lane }) => lane.trouble !== null)
      .map(({ sentenceId }) => sentenceId);
    const isOffline = this.#isOffline && waiting > 0;
    const isKept = this.#writer.isDone;
    this.#state = { waiting, isOffline, isFull: this.#isFull && isOffline, isKept, troubles };
    for (const listener of this.#listeners) listener();
  }

  #sendLater(sentenceId: number, wait: number): void {
    clearTimeout(this.#timers.get(sentenceId));
    const timer = setTimeout(() => void this.#send(sentenceId), wait);
    this.#timers.set(sentenceId, timer);
  }

  async #send(sentenceId: number): Promise<void> {
    const desk = this.#desks.get(sentenceId);
    if (this.#isStopped || desk === undefined || nextLetter(desk.lane) === null) return;
    const lane = begin(desk.lane);
    const letter = lane.letters[0];
    if (letter === undefined) return;
    this.#move(sentenceId, lane);
    await this.#writer.write(this.#desks.get(sentenceId) ?? { ...desk, lane });
    try {
      await this.#checkPerson();
      const { version, state } = await this.#doors.save(sentenceId, letter);
      this.#isOffline = false;
      this.#outcomes.set(sentenceId, state);
      this.#answered(sentenceId, (now) => arrived(now, version));
    } catch (error) {
      this.#failed(sentenceId, letter, error);
    }
  }

  /** One person's labels must never be saved under another one's name. */
  async #checkPerson(): Promise<void> {
    if (this.#doors.now() < this.#knownUntil) return;
    if ((await this.#doors.whoAmI()) !== this.#userId) {
      throw new ApiError(401, "not_authenticated", "Somebody else is logged in here");
    }
    this.#knownUntil = this.#doors.now() + KNOWN_FOR;
  }

  #answered(sentenceId: number, change: (lane: Lane) => Lane): void {
    const desk = this.#desks.get(sentenceId);
    if (desk === undefined) return;
    const lane = change(desk.lane);
    this.#move(sentenceId, lane);
    if (nextLetter(lane) !== null) this.#sendLater(sentenceId, 0);
  }

  #failed(sentenceId: number, letter: Letter, error: unknown): void {
    if (isPassing(error)) {
      this.#isOffline = true;
      this.#isFull = isFull(error);
      this.#knownUntil = 0;
      this.#answered(sentenceId, unanswered);
      this.#sendLater(sentenceId, waitBefore(letter.attempts, this.#doors.chance()));
      return;
    }
    if (!(error instanceof ApiError)) return;
    this.#isOffline = false;
    const current = (error.context["current"] ?? null) as (Graph & { version: number }) | null;
    const { code, message } = error;
    const isConflict = code === "version_conflict";
    this.#answered(sentenceId, (lane) =>
      troubled(
        lane,
        isConflict ? { kind: "conflict", current } : { kind: "refused", code, message },
      ),
    );
  }
}
