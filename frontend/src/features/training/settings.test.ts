import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "@/api/client";
import { fieldsOf, gather, kept, read, saidBy, shown, textOf, unusual } from "./settings";
import type { SettingField, Value } from "./settings";

const limited = (type: unknown, usual: unknown, minimum: number, maximum: number) => ({
  type,
  default: usual,
  minimum,
  maximum,
  description: "",
});

const SCHEMA = {
  properties: {
    context: { type: "string", enum: ["auto", "between"], default: "auto", description: "Words" },
    max_span: limited(["integer", "null"], null, 1, 99),
    dropout: limited("number", 0.1, 0, 0.9),
    use_gate: { type: "boolean", default: true },
    share_gate: { type: ["boolean", "null"], default: null },
    layers: { type: "array", default: [] },
    epochs: { ...limited(["integer", "null"], null, 1, 1000), group: "training" },
    seeds: { type: "integer", default: 3, minimum: 1 },
    note: { type: "string", default: "" },
  },
};
const FIELDS = fieldsOf(SCHEMA);

function field(name: string): SettingField {
  const found = FIELDS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no field ${name}`);
  return found;
}

const problem = (name: string, text: string) =>
  gather(FIELDS, { [name]: text }).problems[name]?.code;

describe("a schema becomes fields", () => {
  test("in its order, without what no form can show", () => {
    expect(FIELDS.map(({ name }) => name)).toEqual(
      Object.keys(SCHEMA.properties).filter((name) => name !== "layers"),
    );
  });

  test("with their kinds, limits, choices and groups", () => {
    expect(field("context")).toMatchObject({ kind: "text", options: ["auto", "between"] });
    expect(field("max_span")).toMatchObject({
      kind: "integer",
      mayBeEmpty: true,
      minimum: 1,
      maximum: 99,
    });
    expect(field("use_gate")).toMatchObject({ kind: "truth", options: [], usual: true });
    expect(field("share_gate")).toMatchObject({ kind: "truth", options: ["true", "false"] });
    expect(field("epochs").group).toBe("training");
    expect(field("dropout").group).toBe("model");
  });

  test("and a schema that says nothing becomes none", () => {
    expect(fieldsOf({})).toEqual([]);
    expect(fieldsOf({ properties: { odd: 3 } })).toEqual([]);
  });
});

describe("what was typed", () => {
  test("nothing touched, nothing sent", () => {
    expect(gather(FIELDS, {})).toEqual({ settings: {}, problems: {} });
  });

  test("only what differs from the usual value is sent, as what it is", () => {
    const typed = {
      context: "between",
      dropout: "0.10",
      epochs: " 3 ",
      use_gate: "false",
      share_gate: "true",
      max_span: "",
      note: "a b",
    };
    expect(gather(FIELDS, typed).settings).toEqual({
      context: "between",
      epochs: 3,
      use_gate: false,
      share_gate: true,
      note: "a b",
    });
  });

  test("digits of a Chinese input method are digits", () => {
    expect(read(field("dropout"), "０．２５")).toEqual({ value: 0.25 });
    expect(read(field("dropout"), "0。5")).toEqual({ value: 0.5 });
  });

  test("powers of ten are numbers, but not whole ones", () => {
    expect(read(field("dropout"), "2e-5")).toEqual({ value: 2e-5 });
    expect(problem("epochs", "1e2")).toBe("whole");
  });

  test("an emptied field stands for the usual value", () => {
    expect(read(field("dropout"), " ")).toEqual({ value: 0.1 });
    expect(read(field("max_span"), "")).toEqual({ value: null });
  });

  test.each([
    ["dropout", "much", "number"],
    ["dropout", "0.95", "between"],
    ["dropout", "Infinity", "number"],
    ["max_span", "1.5", "whole"],
    ["max_span", "0", "between"],
    ["seeds", "0", "at_least"],
  ])("%s cannot be %s", (name, text, code) => {
    expect(problem(name, text)).toBe(code);
    expect(gather(FIELDS, { [name]: text }).settings).toEqual({});
  });

  test("every number within the limits can be typed as it is shown", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.9, noNaN: true }), (value) => {
        expect(read(field("dropout"), textOf(value))).toEqual({ value });
      }),
    );
  });

  test("a field shows what was typed, else the usual value", () => {
    expect(shown(field("dropout"), {})).toBe("0.1");
    expect(shown(field("dropout"), { dropout: "" })).toBe("");
    expect(shown(field("max_span"), {})).toBe("");
  });
});

describe("another model", () => {
  const other = fieldsOf({
    properties: {
      context: { type: "string", enum: ["auto", "sentence"], default: "auto" },
      dropout: limited("number", 0.3, 0, 0.9),
      max_span: limited("integer", 10, 1, 50),
    },
  });

  test("keeps settings that both know, and nothing else", () => {
    const typed = { dropout: "0.2", use_gate: "false", epochs: "3" };
    expect(kept(typed, FIELDS, other)).toEqual({ dropout: "0.2" });
  });

  test("drops a choice that it does not offer, and a number with other limits", () => {
    expect(kept({ context: "between", max_span: "7" }, FIELDS, other)).toEqual({});
    expect(kept({ context: "auto" }, FIELDS, other)).toEqual({ context: "auto" });
  });
});

describe("what the server says", () => {
  test("its problems are told at their fields", () => {
    const problems = ["epochs: should be at least 1, is 0", "no field here"];
    const error = new ApiError(400, "bad_settings", "The settings are wrong", { problems });
    const said = saidBy(error);
    expect(Object.keys(said)).toEqual(["epochs"]);
    expect(said["epochs"]).toMatchObject({
      code: "said",
      sentence: "should be at least 1, is 0",
    });
  });

  test("an error without problems says nothing of fields", () => {
    expect(saidBy(new ApiError(409, "already_queued", "A run waits"))).toEqual({});
    expect(saidBy(null)).toEqual({});
  });
});

describe("a run", () => {
  test("shows what was not usual about it, in the order of the form", () => {
    const settings: Record<string, Value> = { epochs: 3, dropout: 0.1, use_gate: false };
    expect(unusual(settings, FIELDS)).toEqual([
      ["use_gate", false],
      ["epochs", 3],
    ]);
  });

  test("of a model that is gone shows everything that was set", () => {
    expect(unusual({ depth: 2 }, [])).toEqual([["depth", 2]]);
  });
});
