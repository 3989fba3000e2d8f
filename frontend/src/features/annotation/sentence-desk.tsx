// The editor with what belongs around one sentence: why it is shown, what can be done with it.
import type { Ask, CommandName } from "@/core/command";
import type { EditorState } from "@/core/state";
import { Cap } from "@/editor/cap";
import { Editor } from "@/editor/editor";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { doubtOf } from "./doubt";
import { DocumentPanel } from "./document-panel";
import { GuidelinePanel } from "./guideline-panel";
import { Notes } from "./notes";
import { useSender } from "./sender-context";
import { Thread } from "./thread";
import { useDesk } from "./use-desk";
import type { Place, Rules } from "./use-desk";

interface DeskProps extends Place {
  readonly rules: Rules;
  readonly isFirst: boolean;
  readonly onLeave: (direction: "next" | "previous") => void;
  readonly onVisit: (sentenceId: number) => void;
}

function Sure({ confidence }: { readonly confidence: number }) {
  const { t, format } = useI18n();
  const { percent, mistakes } = doubtOf(confidence);
  const share = percent === 0 ? `< ${format.percent(0.01)}` : format.percent(percent / 100);
  const words = [t("annotate.confidence", { share })];
  if (mistakes === 1) words.push(t("annotate.mistake"));
  if (mistakes > 1) words.push(t("annotate.mistakes", { n: format.number(mistakes) }));
  return <span className="muted"> · {words.join(t("annotate.comma"))}</span>;
}

function Why({ sentence }: Pick<Place, "sentence">) {
  const { t, language } = useI18n();
  const text = sentence.why.text[language];
  return (
    <p className="why" data-testid="why">
      <span className="badge badge-accent">{t("annotate.why")}</span> {text}
      {sentence.suggestion?.confidence === undefined ? null : (
        <Sure confidence={sentence.suggestion.confidence} />
      )}
      {sentence.blind ? (
        <span className="muted" data-testid="blind">
          {" "}
          · {t(sentence.suggestion === null ? "blind.hidden" : "blind.shown_now")}
        </span>
      ) : null}
    </p>
  );
}

interface ActionsProps {
  readonly state: EditorState;
  readonly isFirst: boolean;
  readonly onGive: (name: CommandName) => void;
}

const ACTIONS: readonly CommandName[] = ["previous", "next", "undo", "redo", "matrix", "help"];

function Actions({ state, isFirst, onGive }: ActionsProps) {
  const { t } = useI18n();
  const isOff: Partial<Record<CommandName, boolean>> = {
    previous: isFirst,
    undo: state.history.done.length === 0,
    redo: state.history.undone.length === 0,
  };
  return (
    <div className="desk-actions">
      <div>
        {ACTIONS.map((name) => (
          <Button
            key={name}
            weight="quiet"
            size="small"
            disabled={isOff[name] ?? false}
            onClick={() => onGive(name)}
          >
            {t(`annotate.${name}` as "annotate.previous")} <Cap state={state} name={name} />
          </Button>
        ))}
      </div>
      <div>
        <Button onClick={() => onGive("skip")}>
          {t("command.skip")} <Cap state={state} name="skip" />
        </Button>
        <Button weight="primary" data-testid="submit" onClick={() => onGive("submit")}>
          {t("annotate.submit")} <Cap state={state} name="submit" />
        </Button>
      </div>
    </div>
  );
}

export function SentenceDesk({ projectId, sentence, rules, isFirst, onLeave, onVisit }: DeskProps) {
  const sender = useSender();
  const { state, change, finish } = useDesk(sender, { projectId, sentence }, rules);
  const answer = (ask: Exclude<Ask, "help" | "palette">, last: EditorState) => {
    if (ask === "previous") onLeave("previous");
    else {
      if (ask !== "next") finish(last, ask);
      onLeave("next");
    }
  };
  return (
    <Editor
      state={state}
      onState={change}
      onAsk={answer}
      isStale={sentence.suggestion?.stale ?? false}
      above={<Why sentence={sentence} />}
      below={(give) => <Actions state={state} isFirst={isFirst} onGive={give} />}
      aside={
        <>
          <GuidelinePanel projectId={projectId} state={state} />
          <DocumentPanel projectId={projectId} sentence={sentence} onVisit={onVisit} />
          <Notes state={state} onState={change} />
          <Thread projectId={projectId} sentenceId={sentence.id} />
        </>
      }
    />
  );
}
