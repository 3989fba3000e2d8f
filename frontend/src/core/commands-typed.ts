// Commands whose keys come from the schema (types) or from the sentence (entity numbers).
import type { Command } from "./command";
import { labelSelection, retypeEntity } from "./entities";
import { pickNumber } from "./picking";
import { choicesBetween, relate, retypeRelation } from "./relations";
import { typeForKey } from "./schema";
import type { EntityType } from "./schema";
import { selectedRange } from "./state";
import type { EditorState } from "./state";

const keysOf = (types: readonly EntityType[]) => types.map(({ key }) => key.toLowerCase());
const isDigit = (key: string) => /^\d$/.test(key);
const entityKeys = (state: EditorState) => keysOf(state.schema.entity_types);
const relationKeys = (state: EditorState) => keysOf(state.schema.relation_types);

function choiceForKey(state: EditorState, key: string) {
  const { focus, schema } = state;
  if (focus.kind !== "pair") return undefined;
  const choices = choicesBetween(state, focus.first, focus.second);
  const types = schema.relation_types.filter(({ name }) =>
    choices.some((choice) => choice.type === name),
  );
  const type = typeForKey(types, key);
  return choices.find((choice) => choice.type === type?.name);
}

function relateByKey(state: EditorState, key: string): EditorState {
  const choice = choiceForKey(state, key);
  if (state.focus.kind !== "pair" || choice === undefined) return state;
  return relate(state, state.focus.first, state.focus.second, choice);
}

function arm(state: EditorState, key: string): EditorState {
  const name = typeForKey(state.schema.entity_types, key)?.name ?? null;
  return { ...state, armed: state.armed === name ? null : name };
}

/** Keys of commands that stay what they are when no text, entity or pair waits for a type. */
const RESERVED: readonly string[] = ["a", "x", "e", "r", "m"];

function mayArm(state: EditorState, key: string): boolean {
  const hasChoice = state.schema.entity_types.length > 1;
  return hasChoice && !isDigit(key) && !RESERVED.includes(key);
}

export const typeCommands: readonly Command[] = [
  {
    name: "label-type",
    keys: entityKeys,
    group: "entities",
    where: ["range"],
    when: (state) => selectedRange(state) !== null,
    run: (state, key) => ({
      state: labelSelection(state, typeForKey(state.schema.entity_types, key)?.name ?? ""),
    }),
  },
  {
    name: "relate-type",
    keys: relationKeys,
    group: "relations",
    where: ["pair"],
    when: (state, key) => choiceForKey(state, key) !== undefined,
    run: (state, key) => ({ state: relateByKey(state, key) }),
  },
  {
    name: "retype-relation",
    keys: relationKeys,
    group: "relations",
    where: ["relation"],
    when: (_, key) => !isDigit(key),
    run: (state, key) => {
      const type = typeForKey(state.schema.relation_types, key);
      const { focus } = state;
      if (type === undefined || focus.kind !== "relation") return { state };
      return { state: retypeRelation(state, focus.key, type.name) };
    },
  },
  {
    name: "retype-entity",
    keys: entityKeys,
    group: "entities",
    where: ["entity"],
    when: (_, key) => !isDigit(key),
    run: (state, key) => {
      const type = typeForKey(state.schema.entity_types, key);
      const { focus } = state;
      if (type === undefined || focus.kind !== "entity") return { state };
      return { state: retypeEntity(state, focus.id, type.name) };
    },
  },
  {
    name: "arm-type",
    keys: entityKeys,
    group: "entities",
    where: ["nothing"],
    when: (state, key) => mayArm(state, key),
    run: (state, key) => ({ state: arm(state, key) }),
  },
];

const DIGITS: readonly string[] = Array.from("0123456789");

/** A digit picks an entity; 0 begins a number of two digits, so that nothing depends on time. */
function typeDigit(state: EditorState, digit: string, keepsHead: boolean): EditorState {
  const typed = state.digits + digit;
  const isUnfinished = typed.startsWith("0") && typed.length < 3;
  if (isUnfinished) return { ...state, digits: typed };
  return pickNumber({ ...state, digits: "" }, Number(typed), keepsHead);
}

export const numberCommands: readonly Command[] = [
  {
    name: "pick-number",
    keys: DIGITS,
    group: "relations",
    when: (state) => state.work.entities.length > 0,
    run: (state, key) => ({ state: typeDigit(state, key, false) }),
  },
  {
    name: "pick-with-head",
    keys: DIGITS.map((digit) => `Shift+${digit}`),
    group: "relations",
    when: (state) => state.work.entities.length > 0,
    run: (state, key) => ({ state: typeDigit(state, key.slice(-1), true) }),
  },
];
