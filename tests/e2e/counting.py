"""Counts what a hand does on a page: keys, clicks and drags, as the browser itself hears them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# A modifier alone is no key; arrows and Home while the caret is shown are moves of the caret.
LISTEN = """() => {
  const seen = { keys: 0, moves: 0, clicks: 0, drags: 0 };
  window.relataCount = seen;
  const MODIFIERS = ["Shift", "Control", "Alt", "Meta"];
  const isMove = (key) => key.startsWith("Arrow") || key === "Home" || key === "End";
  let pressed = null;
  const on = (kind, hear) => document.addEventListener(kind, hear, true);
  on("keydown", (event) => {
    if (!event.isTrusted || MODIFIERS.includes(event.key)) return;
    const hasCaret = document.querySelector("[data-testid=caret]") !== null;
    if (hasCaret && isMove(event.key)) seen.moves += 1;
    else seen.keys += 1;
  });
  on("pointerdown", (event) => { pressed = [event.clientX, event.clientY]; });
  on("pointerup", (event) => {
    if (!event.isTrusted || pressed === null) return;
    const far = Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]);
    if (far > 3) seen.drags += 1;
    else seen.clicks += 1;
    pressed = null;
  });
}"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many actions of each kind."""

    keys: int = 0
    moves: int = 0
    clicks: int = 0
    drags: int = 0


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts on one page until it is loaded anew."""

    page: Page

    def start(self) -> None:
        """Listen from now on."""
        self.page.evaluate(LISTEN)

    def take(self) -> Count:
        """Return what was done since the last time, and begin again at nothing."""
        seen: dict[str, Any] = self.page.evaluate(
            """() => {
              const seen = { ...window.relataCount };
              for (const kind in seen) window.relataCount[kind] = 0;
              return seen;
            }"""
        )
        return Count(**seen)
