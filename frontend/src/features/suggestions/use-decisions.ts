// What one decides on the page: shown at once, saved in order, undone one decision at a time.
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { changeRefusals } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Statement } from "@/api/types";
import { rowId } from "./groups";
import { bySentence, saveAccepted, saveWithdrawn } from "./save-rows";
import type { Change } from "./save-rows";

export type Kind = "accepted" | "refused";

interface Decision {
  readonly kind: Kind;
  readonly rows: readonly Statement[];
  readonly changes: readonly Change[];
}

export interface Decisions {
  /** The rows that are decided and therefore no longer shown. */
  readonly gone: ReadonlySet<string>;
  readonly last: Pick<Decision, "kind" | "rows"> | null;
  readonly isSaving: boolean;
  readonly error: Error | null;
  readonly decide: (kind: Kind, rows: readonly Statement[]) => void;
  readonly undo: () => void;
}

const names = (rows: readonly Statement[]) =>
  rows.map(({ sentence_id, key }) => ({ sentence_id, key }));

async function accepted(rows: readonly Statement[], symmetric: ReadonlySet<string>) {
  const changes: Change[] = [];
  for (const some of bySentence(rows)) {
    try {
      changes.push(await saveAccepted(some, symmetric));
    } catch (error) {
      return { changes, error: error as Error };
    }
  }
  return { changes, error: null };
}

export function useDecisions(projectId: number, symmetric: ReadonlySet<string>): Decisions {
  const queries = useQueryClient();
  const [hidden, setHidden] = useState<readonly string[]>([]);
  const [done, setDone] = useState<readonly Decision[]>([]);
  const [waiting, setWaiting] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const newest = useRef<readonly Decision[]>([]);
  const line = useRef<Promise<unknown>>(Promise.resolve());
  const hide = (rows: readonly Statement[]) => setHidden((now) => [...now, ...rows.map(rowId)]);
  const show = (rows: readonly Statement[]) => {
    const back = new Set(rows.map(rowId));
    setHidden((now) => now.filter((id) => !back.has(id)));
  };
  const remember = (decisions: readonly Decision[]) => {
    newest.current = decisions;
    setDone(decisions);
  };
  const inLine = (work: () => Promise<void>) => {
    setWaiting((now) => now + 1);
    line.current = line.current
      .then(work)
      .catch((failure: unknown) => setError(failure as Error))
      .finally(() => {
        setWaiting((now) => now - 1);
        void queries.invalidateQueries({ queryKey: keys.progress(projectId) });
      });
  };
  const decide = (kind: Kind, rows: readonly Statement[]) => {
    setError(null);
    hide(rows);
    inLine(async () => {
      if (kind === "refused") {
        await changeRefusals(projectId, "POST", names(rows)).catch((failure: unknown) => {
          show(rows);
          throw failure;
        });
        remember([...newest.current, { kind, rows, changes: [] }]);
        return;
      }
      const { changes, error: failure } = await accepted(rows, symmetric);
      const kept = changes.flatMap((change) => change.rows);
      if (kept.length > 0) remember([...newest.current, { kind, rows: kept, changes }]);
      if (failure === null) return;
      show(rows.filter((row) => !kept.includes(row)));
      throw failure;
    });
  };
  const undo = () => {
    setError(null);
    inLine(async () => {
      const decision = newest.current.at(-1);
      if (decision === undefined) return;
      if (decision.kind === "refused") {
        await changeRefusals(projectId, "DELETE", names(decision.rows));
      }
      for (const change of decision.changes) await saveWithdrawn(change);
      remember(newest.current.slice(0, -1));
      show(decision.rows);
    });
  };
  const gone = useMemo(() => new Set(hidden), [hidden]);
  return { gone, last: done.at(-1) ?? null, isSaving: waiting > 0, error, decide, undo };
}
