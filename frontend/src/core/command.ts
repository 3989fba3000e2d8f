// What a command is.
import type { EditorState, Focus } from "./state";

/** What the editor asks of the page around it. */
export type Ask = "submit" | "skip" | "next" | "previous" | "help" | "palette";

export type FocusKind = Focus["kind"];

/** Where neither the caret nor the matrix has the arrows and the space bar. */
export const IDLE: readonly FocusKind[] = [
  "nothing",
  "entity",
  "pair",
  "relation",
  "proposal",
  "end",
];

export interface Outcome {
  readonly state: EditorState;
  readonly ask?: Ask;
}

export type CommandName =
  | "label-type"
  | "label-implied"
  | "label-same"
  | "retype-entity"
  | "arm-type"
  | "relate-type"
  | "retype-relation"
  | "pick-number"
  | "pick-with-head"
  | "lock-head"
  | "change-head"
  | "change-tail"
  | "relation-next"
  | "relation-previous"
  | "matrix"
  | "matrix-move"
  | "matrix-toggle"
  | "caret"
  | "caret-move"
  | "caret-stretch"
  | "end-right"
  | "end-left"
  | "start-left"
  | "start-right"
  | "delete"
  | "reverse"
  | "deny"
  | "walk-next"
  | "walk-previous"
  | "accept"
  | "reject"
  | "accept-all"
  | "accept-sure"
  | "hide-suggestions"
  | "all-arcs"
  | "flag-unclear"
  | "submit"
  | "accept-all-submit"
  | "skip"
  | "previous"
  | "next"
  | "undo"
  | "redo"
  | "escape"
  | "help"
  | "palette";

export type CommandGroup = "entities" | "relations" | "suggestions" | "sentence" | "view";

export interface Command {
  readonly name: CommandName;
  /** The keys, or the keys that the schema gives; the first is shown in menu and help. */
  readonly keys: readonly string[] | ((state: EditorState) => readonly string[]);
  readonly group: CommandGroup;
  /** What may be looked at when the command is given; anything when it is not said. */
  readonly where?: readonly FocusKind[];
  readonly when: (state: EditorState, key: string) => boolean;
  readonly run: (state: EditorState, key: string) => Outcome;
}
