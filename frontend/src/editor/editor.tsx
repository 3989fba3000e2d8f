// The annotation editor of one sentence: it shows a state and answers with the next; it calls nobody.
import { useState } from "react";
import type { ReactNode } from "react";
import type { Ask, Outcome } from "@/core/command";
import type { CommandName } from "@/core/command";
import { giveCommand } from "@/core/commands";
import { NO_FOCUS, focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { Canvas } from "./canvas";
import { Help } from "./help";
import { HintLine } from "./hint-line";
import { PairMatrix } from "./pair-matrix";
import { Palette } from "./palette";
import { ProposalList } from "./proposal-list";
import { RelationList } from "./relation-list";
import { TypeBar } from "./type-bar";
import { useKeys } from "./use-keys";
import "./editor.css";

interface EditorProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
  /** Submit, skip, next, previous: what the page around the editor does. */
  readonly onAsk: (ask: Exclude<Ask, "help" | "palette">, state: EditorState) => void;
  readonly isStale: boolean;
  readonly above?: ReactNode;
  /** What stands under the text; it may give any command of the table. */
  readonly below?: (give: (name: CommandName) => void) => ReactNode;
  readonly aside?: ReactNode;
}

export function Editor({ state, onState, onAsk, isStale, above, below, aside }: EditorProps) {
  const [open, setOpen] = useState<"help" | "palette" | null>(null);
  const take = ({ state: next, ask }: Outcome) => {
    if (next !== state) onState(next);
    if (ask === "help" || ask === "palette") setOpen(ask);
    else if (ask !== undefined) onAsk(ask, next);
  };
  useKeys(state, take);
  const give = (name: CommandName) => {
    const outcome = giveCommand(state, name) ?? giveCommand(focusOn(state, NO_FOCUS), name);
    if (outcome !== null) take(outcome);
  };
  return (
    <div className="editor">
      <div className="editor-main">
        {above}
        <TypeBar state={state} onState={onState} />
        <Canvas state={state} onState={onState} />
        <HintLine state={state} onState={onState} />
        <PairMatrix state={state} onState={onState} />
        {below?.(give)}
      </div>
      <aside className="editor-side">
        <ProposalList state={state} onState={onState} isStale={isStale} />
        <RelationList state={state} onState={onState} />
        {aside}
      </aside>
      {open === "help" ? <Help state={state} onClose={() => setOpen(null)} /> : null}
      {open === "palette" ? (
        <Palette state={state} onOutcome={take} onClose={() => setOpen(null)} />
      ) : null}
    </div>
  );
}
