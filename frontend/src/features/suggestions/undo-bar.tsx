// What was decided last, and the way back; Ctrl+Z does the same.
import { useEffect } from "react";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Problem } from "@/ui/notice";
import type { Decisions } from "./use-decisions";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}

export function UndoBar({ decisions }: { readonly decisions: Decisions }) {
  const { t } = useI18n();
  const { last, undo, error, isSaving } = decisions;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
      if (!isUndo || event.shiftKey || isTyping(event.target)) return;
      event.preventDefault();
      undo();
    };
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  });
  return (
    <div className="undo-bar" role="status" data-testid="undo-bar">
      <Problem error={error} />
      {last === null ? null : (
        <p>
          <span>{t(`suggestions.done.${last.kind}`, { n: last.rows.length })}</span>
          <Button size="small" disabled={isSaving} onClick={undo}>
            {t("suggestions.undo")} <kbd aria-hidden="true">Ctrl Z</kbd>
          </Button>
        </p>
      )}
    </div>
  );
}
