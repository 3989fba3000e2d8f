// Which number of the tables is opened, as it stands in the address and as the server takes it.

export const KINDS = ["relation", "entity"] as const;
export type Kind = (typeof KINDS)[number];

export interface Cell {
  readonly kind: Kind;
  /** Nothing stands for all types, all classes, all sentences. */
  readonly type?: string | undefined;
  readonly class?: string | undefined;
  readonly slice?: string | undefined;
  /** A cell of the confusion has both; null stands for nothing on that side. */
  readonly gold?: string | null | undefined;
  readonly predicted?: string | null | undefined;
}

const SIDES = ["gold", "predicted"] as const;

/** Read an address; null when it opens nothing. */
export function readCell(search: string): Cell | null {
  const query = new URLSearchParams(search);
  const kind = KINDS.find((one) => one === query.get("kind"));
  if (kind === undefined) return null;
  const given = (name: string) => {
    const value = query.get(name) ?? "";
    return value === "" ? undefined : value;
  };
  const cell = { kind, type: given("type"), class: given("class"), slice: given("slice") };
  if (!SIDES.every((side) => query.has(side))) return cell;
  return { ...cell, gold: given("gold") ?? null, predicted: given("predicted") ?? null };
}

export function queryOf(cell: Cell): Record<string, string> {
  const { gold, predicted, ...rest } = cell;
  const given = Object.entries(rest).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const met = isMet(cell) ? { gold: gold ?? "", predicted: predicted ?? "" } : {};
  return { ...Object.fromEntries(given), ...met };
}

/** Whether a cell is one of the confusion. */
export function isMet(cell: Cell): boolean {
  return cell.gold !== undefined && cell.predicted !== undefined;
}

export function writeCell(cell: Cell | null): string {
  return cell === null ? "" : `?${new URLSearchParams(queryOf(cell)).toString()}`;
}

export function isSame(one: Cell | null, other: Cell): boolean {
  const names = ["kind", "type", "class", "slice", ...SIDES] as const;
  return one !== null && names.every((name) => one[name] === other[name]);
}
