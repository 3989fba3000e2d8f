// The key of a command as it is printed beside its button.
import type { CommandName } from "@/core/command";
import type { EditorState } from "@/core/state";
import { keyOf } from "./words";

interface CapProps {
  readonly state: EditorState;
  readonly name: CommandName;
}

export function Cap({ state, name }: CapProps) {
  const key = keyOf(state, name);
  return key === "" ? null : <kbd aria-hidden="true">{key}</kbd>;
}
