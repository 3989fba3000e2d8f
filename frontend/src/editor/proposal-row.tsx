// One proposal of the model in words, with how sure it is, to accept or refuse.
import { useEffect, useRef } from "react";
import { accept, reject } from "@/core/proposals";
import { entityType, shortLabel } from "@/core/schema";
import { focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { certainty } from "@/core/suggestions";
import type { Proposal } from "@/core/suggestions";
import { useI18n } from "@/i18n/context";
import { proposalTriple, sureness } from "./words";

export interface RowProps {
  readonly state: EditorState;
  readonly proposal: Proposal;
  readonly number: number;
  /** Would it be accepted together with all that are sure enough? */
  readonly isSure: boolean;
  readonly onState: (state: EditorState) => void;
}

export function proposalWords(state: EditorState, proposal: Proposal): string {
  if (proposal.kind === "relation") {
    const { subject, predicate, object } = proposalTriple(state, proposal);
    return `${subject} → ${predicate} → ${object}`;
  }
  const { start, end, type } = proposal.entity;
  return `${state.text.slice(start, end)} · ${shortLabel(entityType(state.schema, type), type)}`;
}

export function ProposalRow({ state, proposal, number, isSure, onState }: RowProps) {
  const { t, format } = useI18n();
  const { key } = proposal;
  const isChosen = state.focus.kind === "proposal" && state.focus.key === key;
  const { confidence } = proposal.kind === "entity" ? proposal.entity : proposal.relation;
  const words = proposalWords(state, proposal);
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li
      ref={element}
      className={`triple${isChosen ? " is-chosen" : ""}${isSure ? " is-sure" : ""}`}
    >
      <button
        type="button"
        className="triple-words is-proposal"
        data-testid={`suggestion-${number}`}
        aria-pressed={isChosen}
        onClick={() => onState(focusOn(state, { kind: "proposal", key }))}
      >
        {words}{" "}
        <span className={`sure sure-${certainty(confidence)}`}>
          {sureness(t, format, confidence)}
        </span>
      </button>
      <span className="triple-tools">
        <button
          type="button"
          aria-label={`${t("command.accept")}: ${words}`}
          title={t("command.accept")}
          onClick={() => onState(accept(state, key))}
        >
          ✓
        </button>
        <button
          type="button"
          aria-label={`${t("command.reject")}: ${words}`}
          title={t("command.reject")}
          onClick={() => onState(reject(state, key))}
        >
          ✕
        </button>
      </span>
    </li>
  );
}
