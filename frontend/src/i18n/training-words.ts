// What the words for the reason of a training need to know.
import { errorText } from "./translate";
import type { Params, Translate } from "./translate";

/** The part of the state of a training that its reason is told from. */
export interface Told {
  readonly why: {
    readonly code: string;
    readonly retry_minutes: number | null;
    readonly refusal: string | null;
    readonly refusal_message: string | null;
  };
  readonly next: {
    readonly new_gold: number;
    readonly wanted: number;
    readonly minutes_left: number | null;
  };
}

/** The slots of `policy.why.*`. */
export function whySlots(t: Translate, { why, next }: Told): Params {
  const minutes = why.code === "failed_backing_off" ? why.retry_minutes : next.minutes_left;
  const refusal = why.refusal === null ? "" : errorText(t, why.refusal, why.refusal_message ?? "");
  return { n: next.new_gold, wanted: next.wanted, minutes: minutes ?? 0, refusal };
}
