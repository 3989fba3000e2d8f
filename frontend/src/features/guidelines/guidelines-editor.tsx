// The guidelines to write: a field for every part with what it will look like beside it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiError } from "@/api/client";
import { putGuidelines } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Guidelines, Schema } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Notice, Problem } from "@/ui/notice";
import { PartField } from "./part-field";
import { GENERAL, bodyOf, join, textsOf, typeParts } from "./parts";
import type { Part, Texts } from "./parts";

interface EditorProps {
  readonly projectId: number;
  readonly schema: Schema;
  readonly guidelines: Guidelines;
  readonly onDone: () => void;
}

interface Draft {
  /** What my texts grew from. */
  readonly base: Guidelines;
  readonly texts: Texts;
  readonly open: Texts;
  /** Somebody else saved while this was written. */
  readonly hasMet: boolean;
}

function isConflict(error: Error): error is ApiError {
  return error instanceof ApiError && error.code === "version_conflict";
}

const GENERAL_PART: Part = { name: GENERAL, label: "", color: "", key: "" };

/** The browser asks before it leaves what was not saved. */
function useLeaveWarning(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isChanged]);
}

function useDraft({ projectId, guidelines, onDone }: EditorProps) {
  const queries = useQueryClient();
  const [first] = useState(() => textsOf(guidelines));
  const [draft, setDraft] = useState<Draft>(() => ({
    base: guidelines,
    texts: first,
    open: {},
    hasMet: false,
  }));
  const isChanged = draft.hasMet || draft.texts !== first;
  useLeaveWarning(isChanged);
  const save = useMutation({
    mutationFn: () => putGuidelines(projectId, draft.base.version, bodyOf(draft.texts)),
    onSuccess: (saved) => {
      queries.setQueryData(keys.guidelines(projectId), saved);
      onDone();
    },
    onError: (error) => {
      if (!isConflict(error)) return;
      const current = error.context["current"] as Guidelines;
      const joined = join(textsOf(draft.base), draft.texts, textsOf(current));
      setDraft({ base: current, ...joined, hasMet: true });
    },
  });
  const write = (name: string, text: string) =>
    setDraft((now) => ({ ...now, texts: { ...now.texts, [name]: text } }));
  const settle = (name: string, text: string) =>
    setDraft((now) => {
      const others = Object.entries(now.open).filter(([other]) => other !== name);
      return { ...now, texts: { ...now.texts, [name]: text }, open: Object.fromEntries(others) };
    });
  return { draft, save, write, settle };
}

export function GuidelinesEditor(props: EditorProps) {
  const { t } = useI18n();
  const { draft, save, write, settle } = useDraft(props);
  const parts = [GENERAL_PART, ...typeParts(props.schema)];
  const waiting = Object.keys(draft.open).length;
  return (
    <div className="stack">
      <p className="hint">{t("guidelines.markdown_hint")}</p>
      {parts.map((part) => (
        <PartField
          key={part.name}
          part={part}
          text={draft.texts[part.name] ?? ""}
          theirs={draft.open[part.name]}
          onText={write}
          onSettled={settle}
        />
      ))}
      <div className="guidelines-foot">
        {draft.hasMet ? (
          <Notice tone="warn">
            {waiting > 0 ? t("guidelines.conflict", { n: waiting }) : t("guidelines.joined")}
          </Notice>
        ) : null}
        <Problem error={save.error !== null && isConflict(save.error) ? null : save.error} />
        <div className="form-actions">
          <Button
            weight="primary"
            disabled={save.isPending || waiting > 0}
            onClick={() => save.mutate()}
          >
            {t("ui.save")}
          </Button>
          <Button weight="quiet" onClick={props.onDone}>
            {t("ui.cancel")}
          </Button>
        </div>
      </div>
    </div>
  );
}
