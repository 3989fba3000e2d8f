// What a command is.
import type { EditorState } from "./state";

/** What the editor asks of the page around it. */
export type Ask = "submit" | "skip" | "next" | "previous" | "help" | "palette";

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
  | "hide-suggestions"
  | "all-arcs"
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
  readonly when: (state: EditorState, key: string) => boolean;
  readonly run: (state: EditorState, key: string) => Outcome;
}
