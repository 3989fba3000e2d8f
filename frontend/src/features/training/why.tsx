// Why a training is or is not happening, what it goes on from, and how the last one failed.
import type { TrainingState } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { whySlots } from "@/i18n/training-words";
import { errorText, isMessageKey } from "@/i18n/translate";
import type { Translate } from "@/i18n/translate";

/** What the training that is meant goes on from; empty where that is not known. */
export function startText(t: Translate, state: TrainingState): string {
  const which = state.is_training ? "run" : "next";
  const from = state.is_training ? state.run : state.next;
  if (from === null) return "";
  const speed = t(`training.speed.${state.next.speed}`);
  if (from.origin_number !== null)
    return t(`policy.from.${which}`, { speed, number: from.origin_number });
  if (from.anew === null) return "";
  const key = `policy.anew.${from.anew}`;
  return t(`policy.begins.${which}`, { speed, why: isMessageKey(key) ? t(key) : from.anew });
}

/** How the last training failed; empty where it did not. */
export function failureText(t: Translate, { why }: TrainingState): string {
  if (why.failure === null) return "";
  const reason = errorText(t, why.failure, why.failure_message ?? "");
  return t("policy.failed", { reason, code: why.failure });
}

export function Why({ state }: { readonly state: TrainingState | undefined }) {
  const { t } = useI18n();
  if (state === undefined) return <p className="reason" data-testid="training-reason" />;
  const [start, failure] = [startText(t, state), failureText(t, state)];
  return (
    <>
      <p className="reason" data-testid="training-reason">
        {t(`policy.why.${state.why.code}`, whySlots(t, state))}
      </p>
      {failure === "" ? null : <p data-testid="training-failure">{failure}</p>}
      {start === "" ? null : (
        <p className="muted" data-testid="training-start">
          {start}
        </p>
      )}
    </>
  );
}
