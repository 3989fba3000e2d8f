import { expect, test } from "vitest";
import { keyName } from "./keys";

const press = (key: string, code: string, more: Partial<Parameters<typeof keyName>[0]> = {}) =>
  keyName({
    key,
    code,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    keyCode: 0,
    ...more,
  });

test("letters, digits and named keys", () => {
  expect(press("a", "KeyA")).toBe("a");
  expect(press("A", "KeyA", { shiftKey: true })).toBe("Shift+a");
  expect(press("3", "Numpad3")).toBe("3");
  expect(press(" ", "Space")).toBe("Space");
  expect(press("Z", "KeyZ", { ctrlKey: true, shiftKey: true })).toBe("Ctrl+Shift+z");
  expect(press("ArrowLeft", "ArrowLeft", { shiftKey: true })).toBe("Shift+ArrowLeft");
});

test("a digit with Shift stays that digit, a sign needs no Shift", () => {
  expect(press("#", "Digit3", { shiftKey: true })).toBe("Shift+3");
  expect(press("?", "Slash", { shiftKey: true })).toBe("?");
});

test("another alphabet changes nothing", () => {
  expect(press("ф", "KeyA")).toBe("a");
  expect(press("&", "Digit1")).toBe("1");
});

test("on a layout of other Latin letters the letter counts, not the place", () => {
  expect(press("q", "KeyA")).toBe("q");
});

test("nothing while an input method is composing", () => {
  expect(press("a", "KeyA", { isComposing: true })).toBeNull();
  expect(press("Process", "KeyA", { keyCode: 229 })).toBeNull();
});

test("the command key of a Mac is the control key of the others", () => {
  expect(press("z", "KeyZ", { metaKey: true })).toBe("Ctrl+z");
});
