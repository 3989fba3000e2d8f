// Flags of a sentence: what can be wrong with it, each set and taken back like any other edit.
import { take } from "./state";
import type { EditorState } from "./state";

/** Offered to everybody; programs may set others, which are shown by their names. */
export const FLAGS = ["unclear", "discuss", "bad_text", "guideline"] as const;
export type KnownFlag = (typeof FLAGS)[number];

export function isKnownFlag(flag: string): flag is KnownFlag {
  return (FLAGS as readonly string[]).includes(flag);
}

export function toggleFlag(state: EditorState, flag: string): EditorState {
  const { flags } = state.work;
  const rest = flags.filter((one) => one !== flag);
  const after = rest.length < flags.length ? rest : [...flags, flag];
  const edits = [{ kind: "set-flags", before: flags, after }] as const;
  return take(state, { name: "flag", edits }, state.focus);
}
