// Light or dark: what the system says, unless the person chose.
import { useSyncExternalStore } from "react";

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

const listeners = new Set<() => void>();

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(MEMORY, theme);
  applyTheme(theme);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, rememberedTheme);
}
