// Flags and a remark for one sentence; all of them are edits like any other.
import { useState } from "react";
import { FLAGS, isKnownFlag, toggleFlag } from "@/core/flags";
import { take } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";

interface NotesProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function Notes({ state, onState }: NotesProps) {
  const { t } = useI18n();
  const { flags, comment } = state.work;
  const [draft, setDraft] = useState<string | null>(null);
  const others = flags.filter((flag) => !isKnownFlag(flag));
  const keep = () => {
    if (draft === null) return;
    setDraft(null);
    if (draft === comment) return;
    const edits = [{ kind: "set-comment", before: comment, after: draft }] as const;
    onState(take(state, { name: "comment", edits }, state.focus));
  };
  return (
    <section className="panel notes">
      <div className="flags" role="group" aria-label={t("notes.flags")}>
        {[...FLAGS, ...others].map((flag) => (
          <label key={flag} className="check flag">
            <input
              type="checkbox"
              checked={flags.includes(flag)}
              onChange={() => onState(toggleFlag(state, flag))}
            />
            {isKnownFlag(flag) ? t(`flag.${flag}`) : flag}
          </label>
        ))}
      </div>
      <div className="field">
        <label htmlFor="comment">{t("notes.comment")}</label>
        <textarea
          id="comment"
          rows={2}
          maxLength={4000}
          value={draft ?? comment}
          onChange={(event) => setDraft(event.target.value)}
          onBlur={keep}
        />
      </div>
    </section>
  );
}
