// What happens to the keys of one's own: a new one, a taken one, the usual ones again.
import type { Command, CommandName } from "@/core/command";
import { clashOf, keysOf } from "@/core/keymap";
import type { Keymap } from "@/core/keymap";

export interface Refusal {
  readonly command: CommandName;
  readonly key: string;
  readonly clash: NonNullable<ReturnType<typeof clashOf>>;
}

/** The keys after a change, or why it cannot be. */
export type Answer =
  | { readonly keymap: Keymap; readonly refusal: null }
  | { readonly keymap: null; readonly refusal: Refusal };

function without(keymap: Keymap, name: CommandName): Keymap {
  return Object.fromEntries(Object.entries(keymap).filter(([other]) => other !== name));
}

function usualKeys(command: Command): readonly string[] {
  return typeof command.keys === "function" ? [] : command.keys;
}

export function isOwn(command: Command, keymap: Keymap): boolean {
  return keymap[command.name] !== undefined;
}

export function shownKey(command: Command, keymap: Keymap): string {
  return keysOf(command, keymap)[0] ?? "";
}

/** Back to the usual keys, if none of them was given to another command meanwhile. */
export function resetKey(command: Command, keymap: Keymap): Answer {
  const rest = without(keymap, command.name);
  for (const key of usualKeys(command)) {
    const clash = clashOf(rest, command.name, key);
    if (clash !== null) return { keymap: null, refusal: { command: command.name, key, clash } };
  }
  return { keymap: rest, refusal: null };
}

export function chooseKey(command: Command, keymap: Keymap, key: string): Answer {
  if (usualKeys(command)[0] === key) return resetKey(command, keymap);
  const clash = clashOf(keymap, command.name, key);
  if (clash !== null) return { keymap: null, refusal: { command: command.name, key, clash } };
  return { keymap: { ...keymap, [command.name]: key }, refusal: null };
}
