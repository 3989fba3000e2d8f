// Listens to the keyboard for the whole page, so that nobody has to click into the editor first.
import { useEffect, useRef } from "react";
import type { Outcome } from "@/core/command";
import { pressKey } from "@/core/commands";
import { keyName } from "@/core/keys";
import type { EditorState } from "@/core/state";

const TYPING = "input, textarea, select, [contenteditable], dialog";
const PRESSABLE = "button:not([data-cell]), a[href], summary";

/** Does the key belong to what has the focus: a field, or a button that it would press? */
function belongsElsewhere(event: KeyboardEvent, name: string): boolean {
  const target = event.target;
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING) !== null) return true;
  const isPress = name === "Enter" || name === "Space";
  return isPress && target.closest(PRESSABLE) !== null;
}

export function useKeys(state: EditorState, onOutcome: (outcome: Outcome) => void): void {
  const latest = useRef({ state, onOutcome });
  useEffect(() => {
    latest.current = { state, onOutcome };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const name = keyName(event);
      if (name === null || belongsElsewhere(event, name)) return;
      const outcome = pressKey(latest.current.state, name);
      if (outcome === null) return;
      event.preventDefault();
      latest.current = { ...latest.current, state: outcome.state };
      latest.current.onOutcome(outcome);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
