// Whether what one did is safe: saved, saving, offline, or a decision is needed.
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { useSending } from "./sender-context";

interface SaveStateProps {
  readonly onTrouble: (sentenceId: number) => void;
}

export function SaveState({ onTrouble }: SaveStateProps) {
  const { t } = useI18n();
  const { waiting, isOffline, isFull, isKept, troubles } = useSending();
  const [trouble] = troubles;
  const isBusy = waiting > 0 || !isKept;
  const state =
    trouble !== undefined
      ? "conflict"
      : isOffline && isKept
        ? isFull
          ? "full"
          : "offline"
        : isBusy
          ? "saving"
          : "saved";
  return (
    <>
      <span className={`save-state save-${state}`} data-testid="save-state" data-state={state}>
        <span className="save-dot" aria-hidden="true" />
        {t(`save.${state}`, { n: waiting })}
        {trouble === undefined ? null : (
          <Button size="small" onClick={() => onTrouble(trouble)}>
            {t("save.decide")}
          </Button>
        )}
      </span>
      {/* Each save said aloud would be noise; trouble, and its end, are not. */}
      <span className="visually-hidden" role="status">
        {state === "offline" || state === "full" || state === "conflict"
          ? t(`save.${state}`, { n: waiting })
          : ""}
      </span>
    </>
  );
}
