// The model's open proposals: accepted one by one, all at once, or all that are sure enough.
import { useState } from "react";
import { acceptAll, acceptSure, sureProposals } from "@/core/proposals";
import { proposalsOf } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Cap } from "./cap";
import { ProposalRow } from "./proposal-row";
import { keyOf } from "./words";
import { SuppressedList } from "./suppressed-list";

interface ListProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

interface TogetherProps extends ListProps {
  readonly onPreview: (isPreviewing: boolean) => void;
}

/** Accept many; while the threshold is touched the list shows which ones that would be. */
function Together({ state, onState, onPreview }: TogetherProps) {
  const { t, format } = useI18n();
  const n = sureProposals(state).length;
  const share = format.percent(state.threshold);
  return (
    <div className="together">
      <Button size="small" data-testid="accept-all" onClick={() => onState(acceptAll(state))}>
        {t("command.accept-all")} <Cap state={state} name="accept-all" />
      </Button>
      <div
        className="threshold"
        onMouseEnter={() => onPreview(true)}
        onMouseLeave={() => onPreview(false)}
        onFocus={() => onPreview(true)}
        onBlur={() => onPreview(false)}
      >
        <input
          type="range"
          min={50}
          max={99}
          value={Math.round(state.threshold * 100)}
          aria-label={t("editor.threshold")}
          aria-valuetext={share}
          data-testid="threshold"
          onChange={(event) => onState({ ...state, threshold: Number(event.target.value) / 100 })}
        />
        <Button
          size="small"
          disabled={n === 0}
          data-testid="accept-sure"
          onClick={() => onState(acceptSure(state))}
        >
          {t("editor.accept_sure", { n, share })} <Cap state={state} name="accept-sure" />
        </Button>
      </div>
    </div>
  );
}

export function ProposalList({
  state,
  onState,
  isStale,
}: ListProps & { readonly isStale: boolean }) {
  const { t } = useI18n();
  const [isPreviewing, setPreviewing] = useState(false);
  const open = proposalsOf(state);
  if (state.suggestion === null) return null;
  const sure = new Set(sureProposals(state).map(({ key }) => key));
  return (
    <section className="panel" aria-labelledby="proposals-head">
      <h2 id="proposals-head">
        {t("editor.suggestions")} <span className="count">{open.length}</span>
        {isStale ? <span className="badge badge-warn">{t("editor.stale")}</span> : null}
      </h2>
      {open.length === 0 ? (
        <p className="muted small">
          {state.showsProposals
            ? t("editor.no_suggestions")
            : t("editor.hidden_suggestions", { key: keyOf(state, "hide-suggestions") })}
        </p>
      ) : (
        <Together state={state} onState={onState} onPreview={setPreviewing} />
      )}
      <ul className={isPreviewing ? "triples is-preview" : "triples"}>
        {open.map((proposal, place) => (
          <ProposalRow
            key={proposal.key}
            state={state}
            proposal={proposal}
            number={place + 1}
            isSure={isPreviewing && sure.has(proposal.key)}
            onState={onState}
          />
        ))}
      </ul>
      <SuppressedList state={state} onState={onState} />
    </section>
  );
}
