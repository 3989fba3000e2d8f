"""Hands at the annotation page: labelling by keys or with the mouse, as a person would."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# The rectangle of the characters [start, end) of the sentence, in code points.
RECTANGLE = """([root, start, end]) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const places = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let at = 0;
    for (const char of node.data) {
      places.push([node, at, at + char.length]);
      at += char.length;
    }
  }
  const range = document.createRange();
  range.setStart(places[start][0], places[start][1]);
  range.setEnd(places[end - 1][0], places[end - 1][2]);
  const box = range.getBoundingClientRect();
  return [box.left, box.top, box.right, box.bottom];
}"""


@dataclass(frozen=True, slots=True)
class Desk:
    """The annotation page with a sentence on it."""

    page: Page

    @property
    def text(self) -> Locator:
        """The sentence."""
        return self.page.get_by_test_id("sentence-text")

    def wait_for(self, text: str) -> None:
        """Wait until this sentence is shown."""
        expect(self.text).to_contain_text(text)

    def keys(self, *names: str) -> None:
        """Press keys one after the other."""
        for name in names:
            self.page.keyboard.press(name)

    def label_by_keys(self, start: int, end: int, key: str) -> None:
        """Select [start, end) with the caret and press the type's key."""
        self.keys("e", "Home", *["ArrowRight"] * start, *["Shift+ArrowRight"] * (end - start), key)

    def relate_by_keys(self, head: int, tail: int, key: str) -> None:
        """Pick two entities by number and press the relation's key."""
        self.keys("Escape", str(head), str(tail), key)

    def label_by_mouse(self, start: int, end: int) -> None:
        """Drag over [start, end); the schema has one entity type, so that is all."""
        root = self.text.element_handle()
        left, top, right, bottom = self.page.evaluate(RECTANGLE, [root, start, end])
        middle = (top + bottom) / 2
        self.page.mouse.move(left + 1, middle)
        self.page.mouse.down()
        self.page.mouse.move((left + right) / 2, middle)
        self.page.mouse.move(right - 1, middle)
        self.page.mouse.up()

    def relate_by_mouse(self, head: int, tail: int, kind: str) -> None:
        """Click one entity, then the other, then the relation."""
        self.keys("Escape")
        self.page.get_by_test_id(f"entity-{head}").click()
        self.page.get_by_test_id(f"entity-{tail}").click()
        self.page.get_by_test_id("relation-popover").get_by_role("button", name=kind).click()

    def submit(self) -> None:
        """Submit with the keyboard and go on to the next."""
        self.keys("Escape", "Enter")

    def wait_until_saved(self) -> None:
        """Wait until the server has everything."""
        state = self.page.get_by_test_id("save-state")
        expect(state).to_have_attribute("data-state", "saved", timeout=15_000)
