// How the person likes the pages: asked once, changed at once on the page, then stored.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getPreferences, putPreferences } from "./endpoints";
import { keys } from "./keys";
import type { NewPreferences, Preferences } from "./types";

const QUERY = { queryKey: keys.preferences, queryFn: getPreferences, staleTime: 60_000 };

export const USUAL: Preferences = {
  language: null,
  theme: "system",
  font_size: 22,
  density: "comfortable",
  suggestions: true,
  keys: {},
  saved_at: null,
};

/** The preferences; the usual ones while there is no answer, or none can be had. */
export function usePreferences() {
  const { data, isLoading } = useQuery(QUERY);
  return { preferences: data ?? USUAL, isKnown: data !== undefined, isLoading };
}

export type PreferencesChange = Partial<NewPreferences>;

function bodyOf(preferences: Preferences): NewPreferences {
  const { language, theme, font_size, density, suggestions, keys: own } = preferences;
  return { language, theme, font_size, density, suggestions, keys: own };
}

/** Changes some of the preferences. What fails to be stored is taken back. */
export function useChangePreferences() {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: keys.preferences,
    scope: { id: "preferences" },
    onMutate: async (change: PreferencesChange) => {
      const before = await queries.query({ ...QUERY, staleTime: "static" });
      await queries.cancelQueries({ queryKey: keys.preferences });
      const saved_at = before.saved_at ?? new Date().toISOString();
      queries.setQueryData<Preferences>(keys.preferences, { ...before, ...change, saved_at });
      return before;
    },
    mutationFn: async (change) =>
      putPreferences({
        ...bodyOf(await queries.query({ ...QUERY, staleTime: "static" })),
        ...change,
      }),
    onSuccess: (saved) => {
      const isLast = queries.isMutating({ mutationKey: keys.preferences }) === 1;
      if (isLast) queries.setQueryData(keys.preferences, saved);
    },
    onError: (_error, _change, before) => {
      if (before !== undefined) queries.setQueryData(keys.preferences, before);
    },
  });
}
