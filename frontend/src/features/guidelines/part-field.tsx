// One part to write, what it will look like, and what somebody else wrote meanwhile.
import { memo, useDeferredValue, useId } from "react";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { MarkdownView } from "@/ui/markdown-view";
import { PartName } from "./part-name";
import type { Part } from "./parts";

const MOST = 100_000;

interface FieldProps {
  readonly part: Part;
  readonly text: string;
  readonly theirs: string | undefined;
  readonly onText: (name: string, text: string) => void;
  readonly onSettled: (name: string, text: string) => void;
}

type TheirsProps = Omit<FieldProps, "theirs" | "onText"> & { readonly theirs: string };

function Theirs({ part, text, theirs, onSettled }: TheirsProps) {
  const { t } = useI18n();
  return (
    <div className="guideline-theirs" role="group" aria-label={t("guidelines.theirs")}>
      <h3>{t("guidelines.theirs")}</h3>
      <pre>{theirs === "" ? t("guidelines.removed") : theirs}</pre>
      <div className="form-actions">
        <Button size="small" onClick={() => onSettled(part.name, text)}>
          {t("guidelines.keep_mine")}
        </Button>
        <Button size="small" onClick={() => onSettled(part.name, theirs)}>
          {t("guidelines.take_theirs")}
        </Button>
        <Button size="small" onClick={() => onSettled(part.name, `${text}\n\n${theirs}`)}>
          {t("guidelines.take_both")}
        </Button>
      </div>
    </div>
  );
}

const LINE = 32;

/** About as many lines as the text takes in its column. */
function rowsFor(text: string): number {
  const lines = text.split("\n").map((line) => Math.max(1, Math.ceil(line.length / LINE)));
  const count = lines.reduce((sum, one) => sum + one, 1);
  return Math.min(24, Math.max(4, count));
}

export const PartField = memo(function PartField({ theirs, ...props }: FieldProps) {
  const { t } = useI18n();
  const { part, text, onText } = props;
  const id = useId();
  const shown = useDeferredValue(text);
  return (
    <section className="card guideline-part">
      <h2>
        <label htmlFor={id}>
          <PartName part={part} />
        </label>
      </h2>
      <div className="guideline-columns">
        <div className="field">
          <textarea
            id={id}
            rows={rowsFor(text)}
            maxLength={MOST}
            value={text}
            onChange={(event) => onText(part.name, event.target.value)}
          />
        </div>
        <div className="guideline-preview" role="group" aria-label={t("guidelines.preview")}>
          {shown.trim() === "" ? (
            <p className="muted">{t("guidelines.nothing")}</p>
          ) : (
            <MarkdownView text={shown} top={3} />
          )}
        </div>
      </div>
      {theirs === undefined ? null : <Theirs theirs={theirs} {...props} />}
    </section>
  );
});
