import { expect, test } from "vitest";
import { open, pressOne } from "./cast";
import { COMMANDS, pressKey } from "./commands";
import { REBINDABLE, clashOf, keysOf } from "./keymap";

test("the usual keys do not get into each other's way", () => {
  for (const command of REBINDABLE) {
    for (const key of keysOf(command, {})) {
      expect([command.name, key, clashOf({}, command.name, key)]).toEqual([
        command.name,
        key,
        null,
      ]);
    }
  }
});

test("a key of one's own gives the command, and the usual one does not any more", () => {
  const state = open({ keymap: { skip: "Shift+k", next: "j" } });
  expect(pressOne(state, "Shift+k").ask).toBe("skip");
  expect(pressOne(state, "j").ask).toBe("next");
  expect(pressKey(state, "Space")).toBeNull();
  expect(pressKey(state, "ArrowRight")).toBeNull();
});

test("a key that is taken where both could be meant is named with its command", () => {
  expect(clashOf({}, "skip", "Shift+h")).toBe("hide-suggestions");
  expect(clashOf({ undo: "Shift+h", "hide-suggestions": "h" }, "skip", "Shift+h")).toBe("undo");
  expect(clashOf({ "hide-suggestions": "h" }, "skip", "Shift+h")).toBeNull();
});

test("the same key may serve two commands that are never meant at the same time", () => {
  expect(clashOf({}, "matrix-toggle", "a")).toBeNull();
  expect(clashOf({}, "deny", "]")).toBe("relation-next");
});

test("numbers belong to the entities, and some keys to the browser", () => {
  expect(clashOf({}, "skip", "7")).toBe("digits");
  expect(clashOf({}, "skip", "Shift+7")).toBe("digits");
  for (const key of ["Ctrl+t", "Ctrl+w", "F5", "Escape", "Ctrl+Shift+n"]) {
    expect(clashOf({}, "skip", key)).toBe("reserved");
  }
  expect(clashOf({}, "submit", "Enter")).toBeNull();
});

test("arrows of caret and matrix, Escape, numbers and keys of types stay what they are", () => {
  const names = REBINDABLE.map(({ name }) => name);
  const fixed = COMMANDS.map(({ name }) => name).filter((name) => !names.includes(name));
  expect(fixed.sort()).toEqual(
    [
      "arm-type",
      "caret-move",
      "caret-stretch",
      "escape",
      "label-type",
      "matrix-move",
      "pick-number",
      "pick-with-head",
      "relate-type",
      "retype-entity",
      "retype-relation",
    ].sort(),
  );
});
