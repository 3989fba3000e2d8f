// How large the sentence is written and how much air is between things; remembered in the browser.

export type Density = "comfortable" | "compact";

export interface Appearance {
  readonly fontSize: number;
  readonly density: Density;
}

export const SMALLEST_FONT = 16;
export const LARGEST_FONT = 32;

const MEMORY = "relata.appearance";
const USUAL: Appearance = { fontSize: 22, density: "comfortable" };
/** The height of a line, as a multiple of the size of its characters. */
const LEADING: Readonly<Record<Density, number>> = { comfortable: 34 / 22, compact: 30 / 22 };

export function textHeight({ fontSize, density }: Appearance): number {
  return Math.round(fontSize * LEADING[density]);
}

function isAppearance(value: unknown): value is Appearance {
  if (typeof value !== "object" || value === null) return false;
  const { fontSize, density } = value as Partial<Record<keyof Appearance, unknown>>;
  const isSize = Number.isInteger(fontSize) && Number(fontSize) >= SMALLEST_FONT;
  const isKnown = density === "comfortable" || density === "compact";
  return isSize && Number(fontSize) <= LARGEST_FONT && isKnown;
}

export function rememberedAppearance(): Appearance {
  try {
    const remembered: unknown = JSON.parse(localStorage.getItem(MEMORY) ?? "null");
    return isAppearance(remembered) ? remembered : USUAL;
  } catch {
    return USUAL;
  }
}

export function applyAppearance(appearance: Appearance): void {
  const { style, dataset } = document.documentElement;
  style.setProperty("--text-size", `${appearance.fontSize}px`);
  style.setProperty("--text-height", `${textHeight(appearance)}px`);
  dataset["density"] = appearance.density;
}

export function chooseAppearance(appearance: Appearance): void {
  localStorage.setItem(MEMORY, JSON.stringify(appearance));
  applyAppearance(appearance);
}
