// Light or dark: what the system says, unless the person chose.

export type Theme = "system" | "light" | "dark";

const MEMORY = "relata.theme";

export function rememberedTheme(): Theme {
  const remembered = localStorage.getItem(MEMORY);
  return remembered === "light" || remembered === "dark" ? remembered : "system";
}

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(MEMORY, theme);
  applyTheme(theme);
}
