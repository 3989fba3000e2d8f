// What the words for the reason of a training need to know.
import type { TrainingState } from "@/api/types";
import { errorText } from "./translate";
import type { Params, Translate } from "./translate";

/** The slots of `policy.why.*`. */
export function whySlots(t: Translate, { why, next }: TrainingState): Params {
  const minutes = why.code === "failed_backing_off" ? why.retry_minutes : next.minutes_left;
  const refusal = why.refusal === null ? "" : errorText(t, why.refusal, why.refusal_message ?? "");
  return { n: next.new_gold, wanted: next.wanted, minutes: minutes ?? 0, refusal };
}
