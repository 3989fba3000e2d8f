// The editor's things in words: keys as they are printed on a keyboard, certainty, statements.
import type { CommandName } from "@/core/command";
import { COMMANDS, keysOf } from "@/core/commands";
import { findEntity } from "@/core/graph";
import type { Relation } from "@/core/graph";
import { relationType, shortLabel } from "@/core/schema";
import type { EditorState } from "@/core/state";
import { certainty } from "@/core/suggestions";
import type { Proposal } from "@/core/suggestions";
import type { Formatters } from "@/i18n/format";
import type { Translate } from "@/i18n/translate";

const PRINTED: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  Space: "␣",
  Shift: "⇧",
  Enter: "⏎",
  Delete: "Del",
};

/** "Ctrl+Shift+z" as the caps that are pressed. */
export function keyCaps(key: string): readonly string[] {
  return key
    .split("+")
    .map((part) => PRINTED[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}

/** The key that gives a command now, as it is printed: "⇧ H". */
export function keyOf(state: EditorState, name: CommandName): string {
  const command = COMMANDS.find((one) => one.name === name);
  const [key = ""] = command === undefined ? [] : keysOf(command, state.keymap, state);
  return keyCaps(key).join(" ");
}

export function sureness(t: Translate, format: Formatters, confidence: number): string {
  return `${format.percent(confidence)} ${t(`editor.${certainty(confidence)}`)}`;
}

export interface Triple {
  readonly subject: string;
  readonly predicate: string;
  readonly object: string;
}

export function tripleOf(state: EditorState, relation: Relation): Triple {
  const say = (id: string) => {
    const entity = findEntity(state.work, id);
    return entity === undefined ? "?" : state.text.slice(entity.start, entity.end);
  };
  const type = relationType(state.schema, relation.type);
  const predicate = shortLabel(type, relation.type);
  return { subject: say(relation.head), predicate, object: say(relation.tail) };
}

export function proposalTriple(
  state: EditorState,
  proposal: Extract<Proposal, { kind: "relation" }>,
): Triple {
  const { head, relation, tail } = proposal;
  const type = relationType(state.schema, relation.type);
  return {
    subject: state.text.slice(head.start, head.end),
    predicate: shortLabel(type, relation.type),
    object: state.text.slice(tail.start, tail.end),
  };
}
