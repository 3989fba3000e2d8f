// What a model lets one set: its JSON schema as fields, what was typed as values, and what is wrong.
//
// Typed is text, kept only for fields that were touched; only what differs from the usual
// value is sent, so that a run says what was special about it.

export type Value = string | number | boolean | null;

export interface SettingField {
  readonly name: string;
  readonly kind: "integer" | "number" | "text" | "truth";
  readonly group: "model" | "training";
  readonly usual: Value;
  /** Nothing is a value too: the program chooses. */
  readonly mayBeEmpty: boolean;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** The values among which one is chosen; none where anything can be typed. */
  readonly options: readonly string[];
  readonly description: string;
}

export type Typed = Readonly<Record<string, string>>;

export interface SettingProblem {
  readonly code: "whole" | "number" | "between" | "at_least" | "at_most" | "said";
  readonly low: number;
  readonly high: number;
  /** The server's own sentence, where the code is "said". */
  readonly sentence: string;
}

type Problems = Readonly<Record<string, SettingProblem>>;
type Reading = { readonly value: Value } | { readonly problem: SettingProblem };

const KINDS: Readonly<Record<string, SettingField["kind"]>> = {
  integer: "integer",
  number: "number",
  string: "text",
  boolean: "truth",
};
const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is Value {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

const numberOr = (value: unknown) => (typeof value === "number" ? value : null);

function fieldOf(name: string, described: Readonly<Record<string, unknown>>): SettingField[] {
  const types: readonly unknown[] = [described["type"]].flat();
  const kind = types.map((one) => KINDS[String(one)]).find((one) => one !== undefined);
  const usual = isValue(described["default"]) ? described["default"] : null;
  if (kind === undefined) return [];
  const given = Array.isArray(described["enum"]) ? described["enum"].map(String) : [];
  const mayBeEmpty = types.includes("null") || usual === null;
  const isThreeWay = kind === "truth" && mayBeEmpty;
  return [
    {
      name,
      kind,
      group: described["group"] === "training" ? "training" : "model",
      usual,
      mayBeEmpty,
      minimum: numberOr(described["minimum"]),
      maximum: numberOr(described["maximum"]),
      options: isThreeWay ? ["true", "false"] : given,
      description: typeof described["description"] === "string" ? described["description"] : "",
    },
  ];
}

/** The fields of a model's settings, in the schema's order; what no form can show is left out. */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): readonly SettingField[] {
  const properties = schema["properties"];
  if (!isRecord(properties)) return [];
  return Object.entries(properties).flatMap(([name, described]) =>
    isRecord(described) ? fieldOf(name, described) : [],
  );
}

export const textOf = (value: Value): string => (value === null ? "" : String(value));

/** What a field shows: what was typed, else the usual value. */
export const shown = (field: SettingField, typed: Typed): string =>
  typed[field.name] ?? textOf(field.usual);

const problem = (code: SettingProblem["code"], low = 0, high = 0): Reading => ({
  problem: { code, low, high, sentence: "" },
});

/** Digits as an input method for Chinese may write them count too. */
const plainDigits = (text: string) => text.normalize("NFKC").replaceAll("。", ".").trim();

function readNumber(field: SettingField, text: string): Reading {
  const isWhole = field.kind === "integer";
  if (!(isWhole ? WHOLE : DECIMAL).test(text)) return problem(isWhole ? "whole" : "number");
  const value = Number(text);
  const { minimum, maximum } = field;
  if (value >= (minimum ?? -Infinity) && value <= (maximum ?? Infinity)) return { value };
  if (minimum === null) return problem("at_most", 0, maximum ?? 0);
  if (maximum === null) return problem("at_least", minimum);
  return problem("between", minimum, maximum);
}

/** The value that a text stands for; an empty one stands for the usual value. */
export function read(field: SettingField, raw: string): Reading {
  const text = plainDigits(raw);
  if (text === "") return { value: field.mayBeEmpty ? null : field.usual };
  if (field.kind === "integer" || field.kind === "number") return readNumber(field, text);
  return { value: field.kind === "truth" ? text === "true" : raw };
}

/** What is to be sent, and what is wrong, by the fields' names. */
export function gather(fields: readonly SettingField[], typed: Typed) {
  const settings: Record<string, Value> = {};
  const problems: Record<string, SettingProblem> = {};
  for (const field of fields) {
    const reading = read(field, shown(field, typed));
    if ("problem" in reading) problems[field.name] = reading.problem;
    else if (reading.value !== field.usual) settings[field.name] = reading.value;
  }
  return { settings, problems };
}

/** Whether two models mean the same by a setting of one name, as far as its limits tell. */
const isAlike = (one: SettingField, other: SettingField) =>
  one.kind === other.kind && one.minimum === other.minimum && one.maximum === other.maximum;

/** What stays typed when another model is chosen: the settings that both know. */
export function kept(
  typed: Typed,
  before: readonly SettingField[],
  after: readonly SettingField[],
) {
  const fits = ([name, text]: readonly [string, string]) => {
    const old = before.find((field) => field.name === name);
    const field = after.find((one) => one.name === name);
    if (old === undefined || field === undefined || !isAlike(old, field)) return false;
    return field.options.length === 0 || text === "" || field.options.includes(text);
  };
  return Object.fromEntries(Object.entries(typed).filter(fits));
}

/** The settings of a run that are not the usual ones, in the order of the model's fields. */
export function unusual(
  settings: Readonly<Record<string, unknown>>,
  fields: readonly SettingField[],
): readonly (readonly [string, Value])[] {
  const usual = new Map(fields.map((field) => [field.name, field.usual]));
  const names = new Set([...usual.keys(), ...Object.keys(settings)]);
  return [...names].flatMap((name) => {
    const value = settings[name];
    return isValue(value) && usual.get(name) !== value ? [[name, value] as const] : [];
  });
}

/** What the server said is wrong, by field: its problems read "name: what is wrong". */
export function saidBy(error: Error | null): Problems {
  const context = error !== null && "context" in error ? error.context : null;
  const said = isRecord(context) && Array.isArray(context["problems"]) ? context["problems"] : [];
  return Object.fromEntries(
    said.flatMap((one: unknown) => {
      const found = /^(\w+): (.+)$/s.exec(typeof one === "string" ? one : "");
      if (found === null) return [];
      const [, name = "", sentence = ""] = found;
      return [[name, { code: "said", low: 0, high: 0, sentence }] as const];
    }),
  );
}
