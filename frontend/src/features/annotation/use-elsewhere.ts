// The same sentence elsewhere: open in another tab of this browser, or saved by oneself on another machine.
import { useEffect, useState } from "react";
import { getSentence } from "@/api/endpoints";
import { useNews } from "@/api/news";
import type { Sentence } from "@/api/types";
import type { Sender } from "./sender";

/** Does another tab have this sentence on its desk, too? Without locks in the browser nobody knows. */
export function useOtherTab(sentenceId: number | undefined): boolean {
  const [other, setOther] = useState<number | null>(null);
  useEffect(() => {
    const { locks } = navigator as { readonly locks?: LockManager };
    if (sentenceId === undefined || locks === undefined) return undefined;
    const leaving = new AbortController();
    const name = `relata.sentence.${sentenceId}`;
    const stay = () => {
      setOther((now) => (now === sentenceId ? null : now));
      return new Promise<void>((resolve) => {
        leaving.signal.addEventListener("abort", () => resolve());
      });
    };
    const look = async () => {
      const { held = [] } = await locks.query();
      if (held.some((lock) => lock.name === name)) setOther(sentenceId);
      await locks.request(name, { signal: leaving.signal }, stay);
    };
    look().catch(() => undefined); // given up on leaving
    return () => leaving.abort();
  }, [sentenceId]);
  return other !== null && other === sentenceId;
}

/** Take over what oneself saved elsewhere, as long as nothing waits here. */
export function useSavedElsewhere(
  sender: Sender,
  sentence: Sentence | null,
  onFresh: (sentence: Sentence) => void,
): void {
  useNews("sentence.saved", ({ sentence_id: id, version }) => {
    if (sentence === null || id !== sentence.id) return;
    const lane = sender.desk(sentence.id)?.lane;
    const known = Math.max(lane?.version ?? 0, sentence.annotation?.version ?? 0);
    const isQuiet = lane === undefined || (lane.letters.length === 0 && lane.trouble === null);
    if (!isQuiet || typeof version !== "number" || version <= known) return;
    void getSentence(sentence.id)
      .then((fresh) => {
        if ((fresh.annotation?.version ?? 0) > known) onFresh(fresh);
      })
      .catch(() => undefined);
  });
}
