// Puts what the person chose into force: language, light or dark, size of the text, density.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { keys } from "@/api/keys";
import type { Preferences } from "@/api/types";
import { useChangePreferences, usePreferences } from "@/api/use-preferences";
import type { PreferencesChange } from "@/api/use-preferences";
import { useI18n } from "@/i18n/context";
import { chooseAppearance } from "@/ui/appearance";
import { chooseTheme, rememberedTheme } from "@/ui/theme";

/** What is stored wins over what this browser remembers; answers a function that stores a change. */
export function useInForce(): (change: PreferencesChange) => void {
  const queries = useQueryClient();
  const { setLanguage } = useI18n();
  const { preferences, isKnown } = usePreferences();
  const change = useChangePreferences();
  useEffect(() => {
    if (!isKnown) return;
    const { theme, language, font_size: fontSize, density, saved_at } = preferences;
    chooseAppearance({ fontSize, density });
    if (saved_at === null) {
      // Nothing was ever stored: the first change then stores what this browser remembers, too.
      queries.setQueryData<Preferences>(keys.preferences, {
        ...preferences,
        theme: rememberedTheme(),
      });
      return;
    }
    chooseTheme(theme);
    if (language !== null) setLanguage(language);
  }, [queries, preferences, isKnown, setLanguage]);
  return (wanted) => change.mutate(wanted);
}
