// The names of classes and slices; what the page does not know it says as it came.
import { useI18n } from "@/i18n/context";
import type { Translate } from "@/i18n/translate";
import type { Cell } from "./cell";

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

function whoSays(t: Translate, { type, gold, predicted, kind, slice }: Cell): string {
  const nameOf = (one: string | null) => one ?? t("analysis.nothing");
  if (gold !== undefined && predicted !== undefined)
    return t("analysis.met", { gold: nameOf(gold), predicted: nameOf(predicted) });
  if (gold !== undefined) return t("analysis.in_gold", { type: nameOf(gold) });
  if (predicted !== undefined) return t("analysis.said", { type: nameOf(predicted) });
  return type ?? t(slice === undefined ? "analysis.all_types" : `analysis.${kind}`);
}

/** What a cell holds, in words: its type, its class, its sentences. */
export function useCellWords(): (cell: Cell) => string {
  const { t } = useI18n();
  const nameOf = useClassName();
  return (cell) =>
    [
      whoSays(t, cell),
      ...(cell.side === undefined ? [] : [t(`analysis.side.${cell.side}`)]),
      ...(cell.class === undefined ? [] : [nameOf(cell.class)]),
      ...(cell.slice === undefined ? [] : [sliceName(t, cell.slice)]),
    ].join(" · ");
}
