// What changes in a project, as it changes: a socket, and questions by HTTP while the socket is down.

export interface ProjectEvent {
  readonly id: number;
  readonly kind: string;
  readonly at: string;
  readonly [field: string]: unknown;
}

export type StreamState = "connecting" | "live" | "polling" | "closed";

export interface StreamDoors {
  readonly openSocket: (url: string) => WebSocket;
  readonly fetchSince: (since: number) => Promise<{
    readonly results: readonly ProjectEvent[];
    readonly last: number;
  }>;
  readonly now: () => number;
  readonly chance: () => number;
}

export interface StreamListener {
  readonly onEvent: (event: ProjectEvent) => void;
  readonly onState?: (state: StreamState) => void;
}

/** The server closes with these when there is nothing to hear for this person. */
const REFUSED: readonly number[] = [4403, 4404];
const FAILURES_BEFORE_POLLING = 2;
const POLL_EVERY = 4000;
const LONGEST_WAIT = 30_000;

function isEvent(value: unknown): value is ProjectEvent {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "number" &&
    "kind" in value &&
    typeof value.kind === "string"
  );
}

export class EventStream {
  #last: number | null = null;
  #failures = 0;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  readonly #startedAt: number;
  readonly #url: string;
  readonly #doors: StreamDoors;
  readonly #listener: StreamListener;

  constructor(url: string, doors: StreamDoors, listener: StreamListener) {
    this.#url = url;
    this.#doors = doors;
    this.#listener = listener;
    this.#startedAt = doors.now();
  }

  open(): void {
    this.#connect();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#poll);
    this.#socket?.close();
    this.#tell("closed");
  }

  #tell(state: StreamState): void {
    this.#listener.onState?.(state);
  }

  #connect(): void {
    if (this.#isClosed) return;
    const since = this.#last === null ? "" : `?since=${this.#last}`;
    const socket = this.#doors.openSocket(this.#url + since);
    this.#socket = socket;
    socket.onopen = () => {
      this.#failures = 0;
      clearTimeout(this.#poll);
      this.#poll = undefined;
      this.#tell("live");
    };
    socket.onmessage = (message: MessageEvent<unknown>) => this.#hear(message.data);
    socket.onclose = (event) => this.#lost(event.code);
  }

  #hear(said: unknown): void {
    if (typeof said !== "string") return;
    const event: unknown = JSON.parse(said);
    if (!isEvent(event)) return;
    // The server's first word, when nothing was asked for: what comes after this id is news.
    if (event.kind === "hello") this.#last ??= event.id;
    else this.#take(event);
  }

  #take(event: ProjectEvent): void {
    if (this.#last !== null && event.id <= this.#last) return;
    this.#last = event.id;
    this.#listener.onEvent(event);
  }

  #lost(code: number): void {
    if (this.#isClosed) return;
    if (REFUSED.includes(code)) {
      this.close();
      return;
    }
    this.#failures += 1;
    if (this.#failures >= FAILURES_BEFORE_POLLING && this.#poll === undefined) this.#startPolling();
    const wait = Math.min(LONGEST_WAIT, 500 * 2 ** Math.min(this.#failures, 10));
    this.#timer = setTimeout(() => this.#connect(), wait * (0.75 + this.#doors.chance() / 2));
  }

  #startPolling(): void {
    this.#tell("polling");
    const ask = async () => {
      try {
        await this.#catchUp();
      } catch {
        // The server is away altogether: the next question comes in any case.
      }
      if (!this.#isClosed && this.#poll !== undefined) {
        this.#poll = setTimeout(() => void ask(), POLL_EVERY);
      }
    };
    this.#poll = setTimeout(() => void ask(), 0);
  }

  /** Ask until nothing is new; what happened before this page was opened is not news. */
  async #catchUp(): Promise<void> {
    let since = this.#last ?? 0;
    for (;;) {
      const { results, last } = await this.#doors.fetchSince(since);
      for (const event of results) {
        if (Date.parse(event.at) >= this.#startedAt) this.#take(event);
      }
      if (results.length === 0 || last <= since) break;
      since = last;
    }
    this.#last = Math.max(this.#last ?? 0, since);
  }
}
