// Sentences and schemas for the tests: drugs that interact, and a disease with a test.
import { openEditor } from "./state";
import type { EditorState, Opening } from "./state";
import type { Graph, Relation } from "./graph";
import type { Schema } from "./schema";
import { pressKey } from "./commands";
import type { Outcome } from "./command";

const look = { color: "#2f6fab" };

export const DRUGS: Schema = {
  entity_types: [{ name: "药物", label: "药物 drug", key: "d", ...look }],
  relation_types: [
    { name: "协同", label: "协同", key: "t", symmetric: false, pairs: [["药物", "药物"]], ...look },
    { name: "拮抗", label: "拮抗", key: "k", symmetric: true, pairs: [["药物", "药物"]], ...look },
  ],
};

export const CLINIC: Schema = {
  entity_types: [
    { name: "Disease", label: "疾病 Disease", key: "d", ...look },
    { name: "Drug", label: "药物 Drug", key: "l", ...look },
    { name: "Food", label: "食物 Food", key: "f", ...look },
  ],
  relation_types: [
    {
      name: "Drug_Disease",
      label: "药物→疾病",
      key: "w",
      symmetric: false,
      pairs: [["Drug", "Disease"]],
      ...look,
    },
  ],
};

export const TEXT = "甲与乙合用，丙与丁慎用，甲减量";

/** Drugs at these places of TEXT, numbered e1, e2, … */
export function drugs(...places: number[]): Graph {
  return {
    entities: places.map((start, index) => ({
      id: `e${index + 1}`,
      start,
      end: start + 1,
      type: "药物",
      source: "human",
    })),
    relations: [],
    negatives: [],
    flags: [],
    comment: "",
  };
}

export function synergy(head: string, tail: string): Relation {
  return { head, tail, type: "协同", source: "human" };
}

export function open(wanted: Partial<Opening> = {}): EditorState {
  return openEditor({ text: TEXT, schema: DRUGS, graph: null, suggestion: null, ...wanted });
}

/** Press keys one after the other; a key that does nothing is an error of the test. */
export function press(state: EditorState, ...keys: string[]): EditorState {
  return keys.reduce((now, key) => pressOne(now, key).state, state);
}

export function pressOne(state: EditorState, key: string): Outcome {
  const outcome = pressKey(state, key);
  if (outcome === null) throw new Error(`${key} does nothing here`);
  return outcome;
}

/** The relations in words: "甲 协同 乙". */
export function triples({ work, text }: EditorState): string[] {
  const say = (id: string) => {
    const entity = work.entities.find((one) => one.id === id);
    return entity === undefined ? "?" : text.slice(entity.start, entity.end);
  };
  return work.relations.map(({ head, type, tail }) => `${say(head)} ${type} ${say(tail)}`);
}

export function strings({ work, text }: EditorState): string[] {
  return work.entities.map(({ start, end }) => text.slice(start, end));
}
