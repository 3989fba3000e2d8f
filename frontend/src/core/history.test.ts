import fc from "fast-check";
import { expect, test } from "vitest";
import { TEXT, drugs, open } from "./cast";
import { pressKey } from "./commands";
import { applyEdits, inverseOf } from "./edits";
import { selectRange } from "./entities";
import { findEntity, relationKey } from "./graph";
import { undo } from "./history";
import { isLegal } from "./schema";
import type { EditorState } from "./state";

const SUGGESTION = {
  entities: [
    { id: "s1", start: 0, end: 1, type: "药物", confidence: 0.9 },
    { id: "s2", start: 2, end: 3, type: "药物", confidence: 0.8 },
  ],
  relations: [{ head: "s2", tail: "s1", type: "协同", confidence: 0.6 }],
};
const KEYS = [
  ...Array.from("0123456789tkrnaxedlm[],."),
  ...["Tab", "Shift+Tab", "Shift+a", "Shift+s", "Shift+2", "Delete", "Escape", "Ctrl+z"],
  ...[
    "Ctrl+Shift+z",
    "Shift+t",
    "Shift+u",
    "Space",
    "ArrowDown",
    "Shift+ArrowRight",
    "Shift+ArrowLeft",
    "Ctrl+Shift+ArrowLeft",
    "ArrowRight",
  ],
];
const deed = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KEYS) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(TEXT.length), fc.nat(TEXT.length)) },
);

function play(deeds: readonly (string | [number, number])[]): EditorState[] {
  const states = [open({ graph: drugs(6, 8), suggestion: SUGGESTION })];
  for (const one of deeds) {
    const now = states.at(-1) ?? open();
    if (typeof one === "string") states.push(pressKey(now, one)?.state ?? now);
    else states.push(selectRange(now, { start: Math.min(...one), end: Math.max(...one) }));
  }
  return states;
}

const games = fc.array(deed, { maxLength: 40 }).map(play);

test("whatever is pressed, undoing every step gives back the beginning", () => {
  fc.assert(
    fc.property(games, (states) => {
      let now = states.at(-1) ?? open();
      while (now.history.done.length > 0) now = { ...now, ...undo(now) };
      expect(now.work).toEqual(states[0]?.work);
    }),
  );
});

test("whatever is pressed, the work stays legal: ends exist, types fit, nothing is said twice", () => {
  fc.assert(
    fc.property(games, (states) => {
      for (const { work, schema } of states) {
        const spans = work.entities.map(({ start, end, type }) => `${start}-${end}-${type}`);
        expect(new Set(spans).size).toBe(spans.length);
        expect(new Set(work.entities.map(({ id }) => id)).size).toBe(work.entities.length);
        const keys = work.relations.map(relationKey);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { head, tail, type } of work.relations) {
          const [from, to] = [findEntity(work, head), findEntity(work, tail)];
          expect(isLegal(schema, from?.type ?? "", type, to?.type ?? "")).toBe(true);
          expect(head).not.toBe(tail);
        }
        for (const { head, tail } of work.negatives) {
          expect(findEntity(work, head) && findEntity(work, tail)).toBeDefined();
        }
        for (const { start, end } of work.entities) {
          expect(0 <= start && start < end && end <= TEXT.length).toBe(true);
        }
      }
    }),
  );
});

test("every step is taken back exactly by its inverse edits", () => {
  fc.assert(
    fc.property(games, (states) => {
      const last = states.at(-1);
      const step = last?.history.done.at(-1);
      if (last === undefined || step === undefined) return;
      const before = applyEdits(last.work, inverseOf(step.edits));
      expect(applyEdits(before, step.edits)).toEqual(last.work);
    }),
  );
});
