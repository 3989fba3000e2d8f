// A flag and a remark for one sentence; both are edits like any other.
import { useState } from "react";
import { take } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";

const UNCLEAR = "unclear";

interface NotesProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function Notes({ state, onState }: NotesProps) {
  const { t } = useI18n();
  const { flags, comment } = state.work;
  const [draft, setDraft] = useState<string | null>(null);
  const toggle = () => {
    const after = flags.includes(UNCLEAR)
      ? flags.filter((flag) => flag !== UNCLEAR)
      : [...flags, UNCLEAR];
    const edits = [{ kind: "set-flags", before: flags, after }] as const;
    onState(take(state, { name: "flag", edits }, state.focus));
  };
  const keep = () => {
    if (draft === null) return;
    setDraft(null);
    if (draft === comment) return;
    const edits = [{ kind: "set-comment", before: comment, after: draft }] as const;
    onState(take(state, { name: "comment", edits }, state.focus));
  };
  return (
    <section className="panel notes">
      <label className="check">
        <input type="checkbox" checked={flags.includes(UNCLEAR)} onChange={toggle} />
        {t("notes.unclear")}
      </label>
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
