// One sentence that matters: something went wrong, is waiting, or is well.
import type { ReactNode } from "react";
import { useI18n } from "@/i18n/context";
import { errorText } from "@/i18n/translate";

type Tone = "calm" | "good" | "warn" | "bad";

interface NoticeProps {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function Notice({ tone = "calm", children, action }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <div>{children}</div>
      {action}
    </div>
  );
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "internal_error";
}

/** An error in words; nothing while there is none. */
export function Problem({ error }: { readonly error: Error | null }) {
  const { t } = useI18n();
  if (error === null) return null;
  return <Notice tone="bad">{errorText(t, codeOf(error), error.message)}</Notice>;
}
