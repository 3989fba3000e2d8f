// What is looked for, as it stands in the address and as the server takes it.

export const TEXTS = ["q", "subject", "object", "annotator"] as const;
export const CHOICES = ["state", "type", "predicate", "flag", "commented", "suggested"] as const;
export const BOUNDS = ["min_score", "max_score"] as const;
const NAMES = [...TEXTS, ...CHOICES, ...BOUNDS, "order"] as const;

export type FilterName = (typeof NAMES)[number];
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

function isFilterName(name: string): name is FilterName {
  return (NAMES as readonly string[]).includes(name);
}

/** Read an address; what it does not know it leaves out. */
export function readFilters(search: string): Filters {
  const found: Partial<Record<FilterName, string>> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    if (isFilterName(name) && value !== "") found[name] = value;
  }
  return found;
}

export function writeFilters(filters: Filters): string {
  const query = new URLSearchParams(queryOf(filters)).toString();
  return query === "" ? "" : `?${query}`;
}

/** As the server takes them: nothing that is empty, no bound that is not a number. */
export function queryOf(filters: Filters): Record<string, string> {
  const isFit = (name: string, value: string) =>
    value.trim() !== "" &&
    (!(BOUNDS as readonly string[]).includes(name) || Number.isFinite(Number(value)));
  return Object.fromEntries(
    NAMES.flatMap((name): [string, string][] => {
      const value = filters[name] ?? "";
      return isFit(name, value) ? [[name, value.trim()]] : [];
    }),
  );
}

export function withFilter(filters: Filters, name: FilterName, value: string): Filters {
  const entries = Object.entries(filters).filter(([one]) => one !== name);
  return Object.fromEntries(value === "" ? entries : [...entries, [name, value]]);
}

/** Cut a text at what was looked for: [before, match, after, match, …]. */
export function parts(text: string, wanted: string): readonly string[] {
  const needle = wanted.trim().toLowerCase();
  if (needle === "") return [text];
  const found: string[] = [];
  const low = text.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(needle); at !== -1; at = low.indexOf(needle, from)) {
    found.push(text.slice(from, at), text.slice(at, at + needle.length));
    from = at + needle.length;
  }
  return [...found, text.slice(from)];
}
