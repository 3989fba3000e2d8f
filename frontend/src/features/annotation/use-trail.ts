// Fetches the sentences of a sitting: the one asked for or the next, a few ahead, leases kept alive.
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, UnreachableError } from "@/api/client";
import { getSentence, renewLease, returnLease, takeNext } from "@/api/endpoints";
import { useNews } from "@/api/news";
import type { Sentence } from "@/api/types";
import {
  NO_TRAIL,
  ahead,
  back,
  current,
  extend,
  forgetAhead,
  forward,
  needsMore,
  renewed,
  visit,
  without,
} from "./trail";
import type { Trail } from "./trail";

const AT_FIRST = 4;
const AT_ONCE = 3;
const RENEW_EVERY = 30_000;
const ASK_AGAIN_AFTER = 4000;

export interface Sitting {
  readonly sentence: Sentence | null;
  readonly isLoading: boolean;
  readonly isFirst: boolean;
  readonly error: Error | null;
  /** Somebody else holds the sentence on the desk. */
  readonly isLost: boolean;
  readonly forward: () => void;
  readonly back: () => void;
  readonly visit: (id: number) => void;
  readonly renew: (sentence: Sentence) => void;
  readonly lookAgain: () => void;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

type Change = (change: (trail: Trail) => Trail) => void;

/** Which of the held sentences can be handed back: all but those that one has begun. */
function untouched(trail: Trail, isTouched: (id: number) => boolean): readonly Sentence[] {
  const here = current(trail);
  const begun = here === null || isTouched(here.id);
  return begun ? ahead(trail) : [here, ...ahead(trail)];
}

function useLeases(trail: Trail, setTrail: Change, isTouched: (id: number) => boolean) {
  const [lost, setLost] = useState<number | null>(null);
  const held = useRef(trail);
  useEffect(() => {
    held.current = trail;
  });
  const renew = useCallback(
    async (id: number) => {
      try {
        await renewLease(id);
        setLost((now) => (now === id ? null : now));
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== "held_by_another") return;
        if (current(held.current)?.id === id) setLost(id);
        else setTrail((now) => without(now, id));
      }
    },
    [setTrail],
  );
  useEffect(() => {
    const renewAll = () => {
      const here = current(held.current);
      for (const { id } of [...(here ? [here] : []), ...ahead(held.current)]) void renew(id);
    };
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") renewAll();
    }, RENEW_EVERY);
    const look = () => {
      if (document.visibilityState === "visible") renewAll();
    };
    document.addEventListener("visibilitychange", look);
    const handBack = () => {
      for (const { id } of untouched(held.current, isTouched)) {
        void returnLease(id).catch(() => undefined);
      }
    };
    window.addEventListener("pagehide", handBack);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("pagehide", handBack);
      handBack();
    };
  }, [renew, isTouched]);
  return { lost, setLost };
}

/** The first suggestions of a new model change what should come next, and so do the last ones. */
function useNewOrder(trail: Trail, setTrail: Change, askingRef: { current: boolean }) {
  const seen = useRef("");
  useNews("suggestions.ready", ({ model_version: version, done, total }) => {
    const stage = `${String(version)} ${String(done === total)}`;
    if (done === 0 || stage === seen.current) return;
    seen.current = stage;
    const given = ahead(trail);
    askingRef.current = true; // what is still ours on the way back would not be handed out again
    setTrail(forgetAhead);
    void Promise.allSettled(given.map(({ id }) => returnLease(id))).then(() => {
      askingRef.current = false;
      setTrail((now) => ({ ...now }));
    });
  });
}

interface Start {
  readonly projectId: number;
  readonly startId: number | null;
  readonly isTouched: (id: number) => boolean;
}

export function useTrail({ projectId, startId, isTouched }: Start): Sitting {
  const [trail, setTrail] = useState<Trail>(NO_TRAIL);
  const [isStarted, setStarted] = useState(startId === null);
  const [error, setError] = useState<Error | null>(null);
  const askingRef = useRef(false);
  const { lost, setLost } = useLeases(trail, setTrail, isTouched);
  useNewOrder(trail, setTrail, askingRef);

  const open = useCallback(
    async (id: number) => {
      try {
        const sentence = await getSentence(id);
        setTrail((now) => visit(now, sentence));
        setError(null);
        await renewLease(id).catch((problem: unknown) => {
          const isHeld = problem instanceof ApiError && problem.code === "held_by_another";
          if (isHeld) setLost(id);
        });
      } catch (problem) {
        setError(asError(problem));
      } finally {
        setStarted(true);
      }
    },
    [setLost],
  );

  const start = useRef(startId);
  useEffect(() => {
    const id = start.current;
    start.current = null;
    if (id !== null) void open(id);
  }, [open]);

  const wantsMore = isStarted && error === null && needsMore(trail);
  useEffect(() => {
    if (!wantsMore || askingRef.current) return;
    askingRef.current = true;
    const isFirstTime = trail.sentences.length === 0;
    takeNext(projectId, isFirstTime ? AT_FIRST : AT_ONCE, isFirstTime)
      .then(
        ({ sentences }) => setTrail((now) => extend(now, sentences)),
        (problem: unknown) => setError(asError(problem)),
      )
      .finally(() => {
        askingRef.current = false;
      });
  }, [wantsMore, projectId, trail]);

  useEffect(() => {
    if (!(error instanceof UnreachableError)) return undefined;
    const timer = setTimeout(() => setError(null), ASK_AGAIN_AFTER);
    return () => clearTimeout(timer);
  }, [error]);

  const sentence = current(trail);
  return {
    sentence,
    isLoading: sentence === null && error === null && !(isStarted && trail.isDry),
    isFirst: trail.place === 0,
    error,
    isLost: sentence !== null && lost === sentence.id,
    forward: useCallback(() => setTrail(forward), []),
    back: useCallback(() => setTrail(back), []),
    visit: useCallback((id: number) => void open(id), [open]),
    renew: useCallback((fresh: Sentence) => setTrail((now) => renewed(now, fresh)), []),
    lookAgain: useCallback(() => {
      setError(null);
      setTrail((now) => ({ ...now, isDry: false }));
    }, []),
  };
}
