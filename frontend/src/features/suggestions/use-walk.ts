// Walking the rows by keyboard: one of them is current, and the keys are about that one.
import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import type { Statement } from "@/api/types";
import { useFirstRow } from "@/ui/first-row";
import { goTo } from "@/ui/router";
import { rowId } from "./groups";
import type { Kind } from "./use-decisions";

interface Walk {
  readonly current: string | null;
  readonly stand: (row: Statement) => void;
  readonly decide: (kind: Kind, row: Statement) => void;
  readonly onKey: (event: KeyboardEvent<HTMLLIElement>, row: Statement) => void;
}

interface Asked {
  readonly rows: readonly Statement[];
  readonly pathOf: (row: Statement) => string;
  readonly onDecide: (kind: Kind, rows: readonly Statement[]) => void;
}

export function useWalk({ rows, pathOf, onDecide }: Asked): Walk {
  useFirstRow('.statement[tabindex="0"]');
  const [chosen, setChosen] = useState<string | null>(null);
  const wantsFocus = useRef(false);
  const isThere = rows.some((row) => rowId(row) === chosen);
  const first = rows[0];
  const current = isThere ? chosen : first === undefined ? null : rowId(first);
  useEffect(() => {
    if (!wantsFocus.current || current === null) return;
    wantsFocus.current = false;
    document.querySelector<HTMLElement>(`[data-row="${CSS.escape(current)}"]`)?.focus();
  });
  const step = (row: Statement, by: 1 | -1) => {
    const place = rows.findIndex((one) => rowId(one) === rowId(row));
    const next = rows[place + by];
    if (next === undefined) return;
    wantsFocus.current = true;
    setChosen(rowId(next));
  };
  const decide = (kind: Kind, row: Statement) => {
    const place = rows.findIndex((one) => rowId(one) === rowId(row));
    const next = rows[place + 1] ?? rows[place - 1];
    wantsFocus.current = true;
    setChosen(next === undefined ? null : rowId(next));
    onDecide(kind, [row]);
  };
  const onKey = (event: KeyboardEvent<HTMLLIElement>, row: Statement) => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => step(row, 1),
      ArrowUp: () => step(row, -1),
      a: () => decide("accepted", row),
      x: () => decide("refused", row),
      Enter: () => goTo(pathOf(row)),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
  return { current, stand: (row) => setChosen(rowId(row)), decide, onKey };
}
