// How long somebody really looked at a sentence: not while the page is hidden, not through a long pause.

const LONGEST_PAUSE = 60_000;

/** Counts active milliseconds; `tick` is called whenever the person does something. */
export class Clock {
  #total: number;
  #last: number;

  constructor(seconds: number, now: number) {
    this.#total = seconds * 1000;
    this.#last = now;
  }

  tick(now: number): void {
    this.#total += Math.min(Math.max(0, now - this.#last), LONGEST_PAUSE);
    this.#last = now;
  }

  /** Go on from here without counting what passed. */
  resume(now: number): void {
    this.#last = now;
  }

  seconds(): number {
    return Math.round(this.#total / 100) / 10;
  }
}
