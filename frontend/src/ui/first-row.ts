// The arrow down leads from the page into its list, so that nobody has to press Tab to begin.
import { useEffect } from "react";

/** Focus what the selector finds first, when the arrow is pressed and nothing else has the focus. */
export function useFirstRow(selector: string): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isFree = document.activeElement?.matches("body, main") ?? true;
      if (event.key !== "ArrowDown" || !isFree) return;
      const row = document.querySelector<HTMLElement>(selector);
      if (row === null) return;
      event.preventDefault();
      row.focus();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [selector]);
}
