import fc from "fast-check";
import { expect, test } from "vitest";
import { REBINDABLE, clashOf, keysOf } from "@/core/keymap";
import type { Keymap } from "@/core/keymap";
import { chooseKey, resetKey } from "./key-choices";

function row(name: string) {
  const found = REBINDABLE.find((command) => command.name === name);
  if (found === undefined) throw new Error(`no command ${name}`);
  return found;
}

test("a free key is taken, and the usual one given back", () => {
  const chosen = chooseKey(row("skip"), {}, "k");
  expect(chosen).toEqual({ keymap: { skip: "k" }, refusal: null });
  expect(resetKey(row("skip"), { skip: "k", next: "j" })).toEqual({
    keymap: { next: "j" },
    refusal: null,
  });
});

test("a key of another command is refused with that command's name", () => {
  expect(chooseKey(row("skip"), {}, "?").refusal).toEqual({
    command: "skip",
    key: "?",
    clash: "help",
  });
});

test("to choose the usual key is to go back to it", () => {
  expect(chooseKey(row("skip"), { skip: "k" }, "Space").keymap).toEqual({});
});

test("the usual key is not given back while another command has it", () => {
  const keymap = { skip: "k", next: "Space" };
  expect(resetKey(row("skip"), keymap).refusal?.clash).toBe("next");
});

const key = fc.constantFrom(
  "a",
  "k",
  "q",
  "Shift+k",
  "Space",
  "ArrowRight",
  "Enter",
  "7",
  "?",
  "m",
);
const wishes = fc.array(fc.tuple(fc.constantFrom(...REBINDABLE), key), { maxLength: 30 });

test("whatever is wished for, no two commands ever get into each other's way", () => {
  fc.assert(
    fc.property(wishes, (list) => {
      let keymap: Keymap = {};
      for (const [command, wish] of list) {
        keymap = chooseKey(command, keymap, wish).keymap ?? keymap;
      }
      for (const command of REBINDABLE) {
        for (const one of keysOf(command, keymap)) {
          expect([command.name, one, clashOf(keymap, command.name, one)]).toEqual([
            command.name,
            one,
            null,
          ]);
        }
      }
    }),
    { numRuns: 100 },
  );
});
