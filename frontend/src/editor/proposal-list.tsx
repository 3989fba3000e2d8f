// The model's open proposals in words, each with how sure it is, to accept or refuse.
import { useEffect, useRef } from "react";
import { accept, acceptAll, reject } from "@/core/proposals";
import { entityType, shortLabel } from "@/core/schema";
import { focusOn, proposalsOf } from "@/core/state";
import type { EditorState } from "@/core/state";
import { certainty } from "@/core/suggestions";
import type { Proposal } from "@/core/suggestions";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { proposalTriple, sureness } from "./words";

interface RowProps {
  readonly state: EditorState;
  readonly proposal: Proposal;
  readonly number: number;
  readonly onState: (state: EditorState) => void;
}

function wordsOf(state: EditorState, proposal: Proposal): string {
  if (proposal.kind === "relation") {
    const { subject, predicate, object } = proposalTriple(state, proposal);
    return `${subject} → ${predicate} → ${object}`;
  }
  const { start, end, type } = proposal.entity;
  return `${state.text.slice(start, end)} · ${shortLabel(entityType(state.schema, type), type)}`;
}

function Row({ state, proposal, number, onState }: RowProps) {
  const { t, format } = useI18n();
  const { key } = proposal;
  const isChosen = state.focus.kind === "proposal" && state.focus.key === key;
  const { confidence } = proposal.kind === "entity" ? proposal.entity : proposal.relation;
  const words = wordsOf(state, proposal);
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li ref={element} className={isChosen ? "triple is-chosen" : "triple"}>
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

interface ListProps extends Pick<RowProps, "state" | "onState"> {
  readonly isStale: boolean;
}

export function ProposalList({ state, onState, isStale }: ListProps) {
  const { t } = useI18n();
  const open = proposalsOf(state);
  if (state.suggestion === null) return null;
  return (
    <section className="panel" aria-labelledby="proposals-head">
      <h2 id="proposals-head">
        {t("editor.suggestions")} <span className="count">{open.length}</span>
        {isStale ? <span className="badge badge-warn">{t("editor.stale")}</span> : null}
      </h2>
      {open.length === 0 ? (
        <p className="muted small">
          {state.showsProposals ? t("editor.no_suggestions") : t("editor.hidden_suggestions")}
        </p>
      ) : (
        <Button
          size="small"
          data-testid="accept-all"
          aria-keyshortcuts="Shift+A"
          onClick={() => onState(acceptAll(state))}
        >
          {t("command.accept-all")} <kbd aria-hidden="true">⇧ A</kbd>
        </Button>
      )}
      <ul className="triples">
        {open.map((proposal, place) => (
          <Row
            key={proposal.key}
            state={state}
            proposal={proposal}
            number={place + 1}
            onState={onState}
          />
        ))}
      </ul>
    </section>
  );
}
