// Which keys give a command, and whether a key that somebody would like for it is still free.
import type { Command, CommandName } from "./command";
import { COMMANDS, keysOf } from "./commands";
import type { Keymap } from "./key-choice";

export { keysOf } from "./commands";
export { NO_KEYMAP } from "./key-choice";
export type { Keymap } from "./key-choice";

/** Keys with which the caret and the matrix are walked: a row of arrows, not one key. */
const FIXED: readonly CommandName[] = ["caret-move", "caret-stretch", "matrix-move", "escape"];
/** The browser or the system would take these first, or they would be missed elsewhere. */
const RESERVED =
  /^(Escape|Enter|F\d+|Ctrl\+(Shift\+)?[acfnprtvwx]|Ctrl\+[-+=0-9]|PageUp|PageDown)$/;

function isRebindable(command: Command): boolean {
  if (FIXED.includes(command.name) || typeof command.keys === "function") return false;
  return !command.keys.some((key) => /\d$/.test(key));
}

/** The commands whose keys may be changed, in the order of the table. */
export const REBINDABLE: readonly Command[] = COMMANDS.filter(isRebindable);

function mayMeet(one: Command, other: Command): boolean {
  const [a, b] = [one.where, other.where];
  return a === undefined || b === undefined || a.some((kind) => b.includes(kind));
}

/** The command that the key belongs to already, where both could be meant; null when it is free. */
export function clashOf(
  keymap: Keymap,
  name: CommandName,
  key: string,
): CommandName | "digits" | "reserved" | null {
  const wanted = COMMANDS.find((command) => command.name === name);
  if (wanted === undefined) return null;
  if (/^(Shift\+)?\d$/.test(key)) return "digits";
  const isUsual = typeof wanted.keys !== "function" && wanted.keys.includes(key);
  if (RESERVED.test(key) && !isUsual) return "reserved";
  const other = COMMANDS.find(
    (command) =>
      command.name !== name &&
      typeof command.keys !== "function" &&
      mayMeet(wanted, command) &&
      keysOf(command, keymap).includes(key),
  );
  return other?.name ?? null;
}
