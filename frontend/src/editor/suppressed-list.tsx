// What the model did not suggest, with the reason; one press says it all the same.
import { saySuppressed, suppressed } from "@/core/suppressed";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { proposalWords } from "./proposal-row";

interface ListProps {
  readonly state: EditorState;
  readonly onState: (state: EditorState) => void;
}

export function SuppressedList({ state, onState }: ListProps) {
  const { t, format } = useI18n();
  const found = suppressed(state);
  if (found.length === 0) return null;
  return (
    <details className="suppressed">
      <summary>{t("suppressed.title", { n: found.length })}</summary>
      <ul className="triples">
        {found.map((one) => {
          const { proposal, reason } = one;
          const words = proposalWords(state, proposal);
          const { confidence } = proposal.kind === "entity" ? proposal.entity : proposal.relation;
          return (
            <li key={`${proposal.key} ${reason}`} className="triple">
              <span className="triple-words is-proposal is-plain">
                {words}{" "}
                <span className="sure">
                  {format.percent(confidence)} · {t(`suppressed.${reason}`)}
                </span>
              </span>
              {reason === "unsure" || reason === "unlikely" ? (
                <span className="triple-tools">
                  <button
                    type="button"
                    aria-label={`${t("suppressed.say")}: ${words}`}
                    title={t("suppressed.say")}
                    onClick={() => onState(saySuppressed(state, one))}
                  >
                    ＋
                  </button>
                </span>
              ) : null}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
