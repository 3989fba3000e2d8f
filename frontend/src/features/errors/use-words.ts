// The names of classes and slices; what the page does not know it says as it came.
import { useI18n } from "@/i18n/context";
import type { Translate } from "@/i18n/translate";

export const CLASSES = [
  "correct",
  "boundary",
  "entity_type",
  "type",
  "predicate",
  "direction",
  "missed",
  "spurious",
] as const;
export const SORTS = {
  overlap: ["overlap:normal", "overlap:seo", "overlap:epo", "overlap:none"],
  length: ["length:1-25", "length:26-50", "length:51-100", "length:101+"],
  triples: ["triples:0", "triples:1", "triples:2", "triples:3-4", "triples:5+"],
} as const;

export function useClassName(): (name: string) => string {
  const { t } = useI18n();
  return (name) => {
    const known = CLASSES.find((one) => one === name);
    return known === undefined ? name : t(`analysis.class.${known}`);
  };
}

export function sliceName(t: Translate, name: string): string {
  const known = Object.values(SORTS)
    .flat()
    .find((one) => one === name);
  return known === undefined ? name : t(`analysis.slice.${known}`);
}
