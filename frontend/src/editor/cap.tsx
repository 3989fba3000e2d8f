// The key of a command as it is printed beside its button.
import type { CommandName } from "@/core/command";
import { COMMANDS, keysOf } from "@/core/commands";
import type { EditorState } from "@/core/state";
import { keyCaps } from "./words";

interface CapProps {
  readonly state: EditorState;
  readonly name: CommandName;
}

export function Cap({ state, name }: CapProps) {
  const command = COMMANDS.find((one) => one.name === name);
  const [key] = command === undefined ? [] : keysOf(command, state.keymap, state);
  if (key === undefined) return null;
  return <kbd aria-hidden="true">{keyCaps(key).join(" ")}</kbd>;
}
