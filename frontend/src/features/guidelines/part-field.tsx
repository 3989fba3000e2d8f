// One part to write, what it will look like, and what somebody else wrote meanwhile.
import { memo, useDeferredValue, useId } from "react";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Markdown } from "@/ui/markdown";
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

export const PartField = memo(function PartField({ theirs, ...props }: FieldProps) {
  const { t } = useI18n();
  const { part, text, onText } = props;
  const id = useId();
  const shown = useDeferredValue(text);
  const rows = Math.min(24, Math.max(4, text.split("\n").length + 1));
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
            rows={rows}
            maxLength={MOST}
            value={text}
            onChange={(event) => onText(part.name, event.target.value)}
          />
        </div>
        <div className="guideline-preview" role="group" aria-label={t("guidelines.preview")}>
          {shown.trim() === "" ? (
            <p className="muted">{t("guidelines.nothing")}</p>
          ) : (
            <Markdown text={shown} top={3} />
          )}
        </div>
      </div>
      {theirs === undefined ? null : <Theirs theirs={theirs} {...props} />}
    </section>
  );
});
