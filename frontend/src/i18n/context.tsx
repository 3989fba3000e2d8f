// Gives every component the words, numbers and dates of the chosen language, and remembers the choice.
import { createContext, use, useCallback, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { formatters } from "./format";
import type { Formatters } from "./format";
import { LOCALES, translator } from "./translate";
import type { Language, Translate } from "./translate";

interface I18n {
  readonly language: Language;
  readonly t: Translate;
  readonly format: Formatters;
  readonly setLanguage: (language: Language) => void;
}

const MEMORY = "relata.language";
const Context = createContext<I18n | null>(null);

function initialLanguage(): Language {
  const remembered = localStorage.getItem(MEMORY);
  if (remembered === "zh" || remembered === "en") return remembered;
  return navigator.language.startsWith("en") ? "en" : "zh";
}

export function I18nProvider({ children }: { readonly children: ReactNode }) {
  const [language, choose] = useState<Language>(initialLanguage);
  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(MEMORY, next);
    choose(next);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  }, [language]);
  const value = useMemo(
    () => ({
      language,
      t: translator(language),
      format: formatters(LOCALES[language]),
      setLanguage,
    }),
    [language, setLanguage],
  );
  return <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  const value = use(Context);
  if (value === null) throw new Error("useI18n needs an I18nProvider above it");
  return value;
}
