// Which number of the tables is opened, as it stands in the address and as the server takes it.

export const KINDS = ["relation", "entity"] as const;
export type Kind = (typeof KINDS)[number];

export interface Cell {
  readonly kind: Kind;
  /** Nothing stands for all types, all classes, all sentences. */
  readonly type?: string | undefined;
  readonly class?: string | undefined;
  readonly slice?: string | undefined;
}

/** Read an address; null when it opens nothing. */
export function readCell(search: string): Cell | null {
  const query = new URLSearchParams(search);
  const kind = KINDS.find((one) => one === query.get("kind"));
  if (kind === undefined) return null;
  const given = (name: string) => {
    const value = query.get(name) ?? "";
    return value === "" ? undefined : value;
  };
  return { kind, type: given("type"), class: given("class"), slice: given("slice") };
}

export function queryOf(cell: Cell): Record<string, string> {
  return Object.fromEntries(
    Object.entries(cell).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
}

export function writeCell(cell: Cell | null): string {
  return cell === null ? "" : `?${new URLSearchParams(queryOf(cell)).toString()}`;
}

export function isSame(one: Cell | null, other: Cell): boolean {
  const names = ["kind", "type", "class", "slice"] as const;
  return one !== null && names.every((name) => one[name] === other[name]);
}
