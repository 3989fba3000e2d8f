// Which number of the tables is opened, as it stands in the address and as the server takes it.

export const KINDS = ["relation", "entity"] as const;
export type Kind = (typeof KINDS)[number];

export interface Cell {
  readonly kind: Kind;
  /** Nothing stands for all types, all classes, all sentences, whoever says it. */
  readonly type?: string | undefined;
  readonly class?: string | undefined;
  readonly slice?: string | undefined;
  /** What gold calls it, what the model calls it; null: that side says nothing. */
  readonly gold?: string | null | undefined;
  readonly predicted?: string | null | undefined;
  /** Who says it at all. */
  readonly side?: Side | undefined;
}

export const SIDES = ["gold", "predicted"] as const;
export type Side = (typeof SIDES)[number];

const WORDS = ["type", "class", "slice"] as const;

/** Read an address; null when it opens nothing. */
export function readCell(search: string): Cell | null {
  const query = new URLSearchParams(search);
  const kind = KINDS.find((one) => one === query.get("kind"));
  if (kind === undefined) return null;
  const given = (name: string) => {
    const value = query.get(name) ?? "";
    return value === "" ? undefined : value;
  };
  const called = (side: Side) => (query.has(side) ? (given(side) ?? null) : undefined);
  const words = Object.fromEntries(WORDS.map((name) => [name, given(name)]));
  const calls = Object.fromEntries(SIDES.map((side) => [side, called(side)]));
  return { kind, ...words, ...calls, side: SIDES.find((one) => one === query.get("side")) };
}

export function queryOf(cell: Cell): Record<string, string> {
  const isGiven = ([name, value]: [string, string | null | undefined]) =>
    value === null ? name === "gold" || name === "predicted" : Boolean(value);
  const given = Object.entries(cell).filter(isGiven);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value ?? "")]));
}

export function writeCell(cell: Cell | null): string {
  return cell === null ? "" : `?${new URLSearchParams(queryOf(cell)).toString()}`;
}

export function isSame(one: Cell | null, other: Cell): boolean {
  const names = ["kind", "side", ...WORDS, ...SIDES] as const;
  return one !== null && names.every((name) => one[name] === other[name]);
}

/** Beneath which table a cell opens; one of the confusion matrix says what both sides call it. */
export function placeOf(cell: Cell): "classes" | "confusion" | "slices" {
  if (cell.slice !== undefined) return "slices";
  return SIDES.every((side) => cell[side] !== undefined) ? "confusion" : "classes";
}
