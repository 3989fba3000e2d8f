// A window over the page that keeps focus inside, closes with Escape, and gives focus back.
import { useEffect, useId, useRef } from "react";
import type { ReactNode } from "react";
import { useI18n } from "@/i18n/context";
import { Button } from "./button";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

export function Dialog({ title, onClose, children, wide = false }: DialogProps) {
  const { t } = useI18n();
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        <Button weight="quiet" size="small" aria-label={t("ui.close")} onClick={onClose}>
          ✕
        </Button>
      </header>
      {children}
    </dialog>
  );
}
