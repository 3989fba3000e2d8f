// Whether somebody is there: a session ends when nobody works, whatever the page fetches by itself.

const AFTER = 60_000;
const TOUCHES = ["pointerdown", "keydown", "wheel", "touchstart"] as const;

let touchedAt = Date.now();

/** Begin to watch for hands; called once, when the program starts. */
export function watchAttention(target: EventTarget): void {
  const note = () => {
    touchedAt = Date.now();
  };
  for (const touch of TOUCHES) {
    target.addEventListener(touch, note, { capture: true, passive: true });
  }
}

/** Nobody has touched the page for a minute. */
export function isUnattended(now: number = Date.now()): boolean {
  return now - touchedAt > AFTER;
}
