// The annotation page: one sentence after the other, saved as one goes.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState } from "react";
import { getSchema } from "@/api/endpoints";
import { keys } from "@/api/keys";
import { usePreferences } from "@/api/use-preferences";
import { HABITS } from "@/core/state";
import type { Habits } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Loading } from "@/ui/loading";
import { Notice, Problem } from "@/ui/notice";
import { goTo, usePath } from "@/ui/router";
import { CheckNotice } from "./check-notice";
import { ConflictView } from "./conflict-view";
import { Finished, TopLine } from "./page-parts";
import { useSender } from "./sender-context";
import { SentenceDesk } from "./sentence-desk";
import type { HabitMemory } from "./use-desk";
import { useOtherTab, useSavedElsewhere } from "./use-elsewhere";
import { useTrail } from "./use-trail";
import "./annotation.css";

interface PageProps {
  readonly projectId: number;
  readonly sentenceId: number | null;
}

function useAddress(projectId: number, sentenceId: number | undefined): void {
  const path = usePath();
  useEffect(() => {
    if (sentenceId === undefined) return;
    const wanted = `/projects/${projectId}/annotate/${sentenceId}`;
    if (path !== wanted) goTo(wanted, "replace");
  }, [path, projectId, sentenceId]);
}

function useSenderReady(): boolean {
  const sender = useSender();
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    void sender.load().finally(() => setReady(true));
  }, [sender]);
  return isReady;
}

function newHabits(first: Habits): HabitMemory {
  let habits = first;
  return {
    recall: () => habits,
    keep: (next) => {
      habits = next;
    },
  };
}

function useFreshProgress(projectId: number): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: keys.progress(projectId) });
}

export function AnnotationPage({ projectId, sentenceId }: PageProps) {
  const { t } = useI18n();
  const sender = useSender();
  const isReady = useSenderReady();
  const isTouched = useCallback((id: number) => sender.desk(id) !== undefined, [sender]);
  const sitting = useTrail({ projectId, startId: sentenceId, isTouched });
  const [habits] = useState(() => newHabits(HABITS));
  const { preferences, isLoading: isAsking } = usePreferences();
  const [trouble, setTrouble] = useState<number | null>(null);
  const [generation, setGeneration] = useState(0);
  const schema = useQuery({
    queryKey: keys.schema(projectId),
    queryFn: () => getSchema(projectId),
  });
  const refresh = useFreshProgress(projectId);
  const { sentence } = sitting;
  const { suggestions, keys: keymap } = preferences;
  const isInOtherTab = useOtherTab(sentence?.id);
  useSavedElsewhere(sender, sentence, (fresh) => {
    sitting.renew(fresh);
    setGeneration((now) => now + 1);
  });
  useAddress(projectId, sentence?.id);
  useEffect(() => {
    document.title = `${t("nav.annotate")} · Relata`;
  }, [t]);
  const openTrouble = (id: number) => {
    if (id !== sentence?.id) sitting.visit(id);
    setTrouble(id);
  };
  const leave = (direction: "next" | "previous") => {
    if (direction === "next") sitting.forward();
    else sitting.back();
    refresh();
  };
  const isDone = sentence === null && !sitting.isLoading && sitting.error === null;
  return (
    <>
      <TopLine projectId={projectId} sitting={sitting} onTrouble={openTrouble} />
      <Problem error={(sentence === null ? sitting.error : null) ?? schema.error} />
      {sitting.isLost ? <Notice tone="warn">{t("annotate.lost")}</Notice> : null}
      {isInOtherTab ? <Notice tone="warn">{t("annotate.other_tab")}</Notice> : null}
      <CheckNotice
        projectId={projectId}
        sentenceId={sentence?.id ?? null}
        onVisit={sitting.visit}
      />
      {isDone ? (
        <Finished projectId={projectId} onAgain={sitting.lookAgain} onBack={sitting.back} />
      ) : null}
      {sitting.isLoading || !isReady || isAsking || schema.isPending ? <Loading /> : null}
      {sentence !== null && isReady && !isAsking && schema.data !== undefined ? (
        <SentenceDesk
          key={`${sentence.id} ${generation}`}
          projectId={projectId}
          sentence={sentence}
          rules={{ schema: schema.data, habits, suggestions, keymap }}
          isFirst={sitting.isFirst}
          onLeave={leave}
          onVisit={sitting.visit}
        />
      ) : null}
      {trouble !== null && trouble === sentence?.id ? (
        <ConflictView
          projectId={projectId}
          sentenceId={trouble}
          text={sentence.text}
          onClose={() => setTrouble(null)}
          onSettled={() => {
            setTrouble(null);
            setGeneration((now) => now + 1);
          }}
        />
      ) : null}
    </>
  );
}
