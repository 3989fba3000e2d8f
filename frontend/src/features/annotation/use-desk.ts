// One sentence on the desk: the editor's state, and every change laid out to be saved.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { newKey } from "@/api/idempotency";
import type { Schema, Sentence } from "@/api/types";
import { graphOf, isSameGraph } from "@/core/graph";
import { NO_HISTORY } from "@/core/history";
import { emptyLane, post, settle, unsaved } from "@/core/outbox";
import type { Lane, SaveAction } from "@/core/outbox";
import type { Keymap } from "@/core/keymap";
import { habitsOf, openEditor } from "@/core/state";
import type { EditorState, Habits } from "@/core/state";
import { Clock } from "./clock";
import type { Desk } from "./desk-store";
import type { Sender } from "./sender";

const DRAFT_WAIT = 700;

function laneFor(desk: Desk | undefined, sentence: Sentence): Lane {
  const version = sentence.annotation?.version ?? 0;
  const lane = desk?.lane ?? emptyLane(version);
  const isQuiet = lane.letters.length === 0 && lane.trouble === null;
  return isQuiet && lane.version < version ? emptyLane(version) : lane;
}

/** What waits here comes before what the server has; history only where it fits. */
function openDesk(sender: Sender, sentence: Sentence, rules: Rules): EditorState {
  const habits = rules.habits.recall();
  const desk = sender.desk(sentence.id);
  const lane = laneFor(desk, sentence);
  const ours = desk?.lane.version === lane.version ? desk.graph : undefined;
  const graph = unsaved(lane) ?? ours ?? sentence.annotation;
  const isContinued = desk !== undefined && graph !== null && isSameGraph(desk.graph, graph);
  return openEditor({
    text: sentence.text,
    schema: rules.schema,
    graph,
    suggestion: sentence.suggestion,
    habits: { ...habits, showsProposals: habits.showsProposals && rules.suggestions },
    rejected: desk?.rejected ?? [],
    history: isContinued ? desk.history : NO_HISTORY,
  });
}

/** Trouble ends when the person goes on: what is on the desk now is what they want. */
function laneAfter(lane: Lane, key: string, body: Parameters<typeof post>[2]): Lane {
  return lane.trouble?.kind === "refused" ? settle(lane, key, body) : post(lane, key, body);
}

export interface DeskView {
  readonly state: EditorState;
  readonly change: (next: EditorState) => void;
  /** Save for good, and say whether the sentence is done or skipped. */
  readonly finish: (state: EditorState, action: Exclude<SaveAction, "save">) => void;
}

export interface Place {
  readonly projectId: number;
  readonly sentence: Sentence;
}

/** What the project says, and what the person is used to. */
export interface Rules {
  readonly schema: Schema;
  readonly habits: HabitMemory;
  /** Are suggestions shown when a sentence is opened? */
  readonly suggestions: boolean;
  readonly keymap: Keymap;
}

/** What stays from one sentence to the next, such as the armed type. */
export interface HabitMemory {
  readonly recall: () => Habits;
  readonly keep: (habits: Habits) => void;
}

export function useDesk(sender: Sender, { projectId, sentence }: Place, rules: Rules): DeskView {
  const [state, setState] = useState(() => openDesk(sender, sentence, rules));
  const { schema, habits, keymap } = rules;
  const clock = useRef<Clock | null>(null);
  useEffect(() => {
    clock.current ??= new Clock(sender.desk(sentence.id)?.seconds ?? 0, Date.now());
    const look = () => {
      if (document.visibilityState === "visible") clock.current?.resume(Date.now());
      else clock.current?.tick(Date.now());
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [sender, sentence.id]);

  const shown = useMemo(() => ({ ...state, schema, keymap }), [state, schema, keymap]);
  const lay = useCallback(
    (next: EditorState, action: SaveAction | null) => {
      clock.current?.tick(Date.now());
      const seconds = clock.current?.seconds() ?? 0;
      const old = laneFor(sender.desk(sentence.id), sentence);
      const graph = graphOf(next.work);
      const body = { ...graph, seconds, action: action ?? "save" };
      const lane = action === null ? old : laneAfter(old, newKey(), body);
      const { history, work } = next;
      const place = { projectId, sentenceId: sentence.id };
      const desk = { ...place, lane, graph, history, rejected: work.rejected, seconds };
      sender.lay(desk, action === "save" ? DRAFT_WAIT : 0);
    },
    [sender, projectId, sentence],
  );
  const change = useCallback(
    (next: EditorState) => {
      setState(next);
      habits.keep(habitsOf(next));
      if (next.work === shown.work && next.history === shown.history) return;
      lay(next, isSameGraph(next.work, shown.work) ? null : "save");
    },
    [lay, shown, habits],
  );
  const finish = useCallback(
    (last: EditorState, action: Exclude<SaveAction, "save">) => {
      setState(last);
      lay(last, action);
    },
    [lay],
  );
  return { state: shown, change, finish };
}
