// Writes desks down one after the other, always the newest: quick hands never outrun the disk by more than one.
import type { Desk, DeskStore } from "./desk-store";

export class DeskWriter {
  readonly #store: Pick<DeskStore, "put">;
  readonly #onChange: () => void;
  readonly #waiting = new Map<number, Desk>();
  readonly #writing = new Map<number, Promise<void>>();

  constructor(store: Pick<DeskStore, "put">, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  /** Is everything written that was given to it? */
  get isDone(): boolean {
    return this.#writing.size === 0;
  }

  /** Fulfilled when this desk, or a newer one of the same sentence, is written. */
  write(desk: Desk): Promise<void> {
    const { sentenceId } = desk;
    this.#waiting.set(sentenceId, desk);
    const there = this.#writing.get(sentenceId);
    if (there !== undefined) return there;
    const writing = this.#drain(sentenceId);
    this.#writing.set(sentenceId, writing);
    return writing;
  }

  async #drain(sentenceId: number): Promise<void> {
    for (;;) {
      const desk = this.#waiting.get(sentenceId);
      if (desk === undefined) break;
      this.#waiting.delete(sentenceId);
      // A browser that keeps nothing must not hinder sending.
      await this.#store.put(desk).catch(() => undefined);
    }
    this.#writing.delete(sentenceId);
    this.#onChange();
  }
}
