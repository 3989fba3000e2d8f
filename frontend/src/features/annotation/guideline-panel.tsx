// The guidelines beside the sentence: one line until opened, the type in focus first.
import { useEffect, useState } from "react";
import { useGuidelines } from "@/api/use-project";
import { entityType, relationType, shortLabel } from "@/core/schema";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Markdown, loadMarkdown } from "@/ui/markdown";
import { Link } from "@/ui/router";
import { typesInFocus } from "./guideline-focus";
import "./guideline-panel.css";

const MEMORY = "relata.guidelines";

function useOpen() {
  const [isOpen, setOpen] = useState(() => localStorage.getItem(MEMORY) === "open");
  const keep = (next: boolean) => {
    localStorage.setItem(MEMORY, next ? "open" : "closed");
    setOpen(next);
  };
  return [isOpen, keep] as const;
}

interface PanelProps {
  readonly projectId: number;
  readonly state: EditorState;
}

interface TypeProps {
  readonly name: string;
  readonly schema: EditorState["schema"];
}

function TypeName({ name, schema }: TypeProps) {
  const type = entityType(schema, name) ?? relationType(schema, name);
  return (
    <>
      <span className="swatch" style={{ "--swatch": type?.color ?? "" }} aria-hidden="true" />{" "}
      {shortLabel(type, name)}
    </>
  );
}

export function GuidelinePanel({ projectId, state }: PanelProps) {
  const { t } = useI18n();
  const [isOpen, keep] = useOpen();
  const guidelines = useGuidelines(projectId);
  useEffect(() => {
    void loadMarkdown();
  }, []);
  const focused = typesInFocus(state);
  const { text = "", types = {} } = guidelines.data ?? {};
  const known = focused.filter((name) => types[name] !== undefined);
  const isEmpty = text === "" && known.length === 0;
  return (
    <details
      className="panel guideline-panel"
      data-testid="guideline-panel"
      open={isOpen}
      onToggle={(event) => keep(event.currentTarget.open)}
    >
      <summary>
        <span className="guideline-title">{t("guidelines.title")}</span>
        {focused.slice(0, 1).map((name) => (
          <span key={name} className="muted small">
            <TypeName name={name} schema={state.schema} />
            {focused.length > 1 ? ` +${focused.length - 1}` : ""}
          </span>
        ))}
      </summary>
      {isOpen ? (
        <>
          <div
            key={focused.join("\n")}
            className="guideline-body"
            role="region"
            tabIndex={0}
            aria-label={t("guidelines.title")}
          >
            {known.map((name) => (
              <section key={name} data-testid={`guideline-${name}`}>
                <h3>
                  <TypeName name={name} schema={state.schema} />
                </h3>
                <Markdown text={types[name] ?? ""} top={4} />
              </section>
            ))}
            {text === "" ? null : (
              <section>
                <h3>{t("guidelines.general")}</h3>
                <Markdown text={text} top={4} />
              </section>
            )}
            {isEmpty && !guidelines.isLoading ? (
              <p className="muted">{t("guidelines.nothing")}</p>
            ) : null}
          </div>
          <Link className="small" to={`/projects/${projectId}/guidelines`}>
            {t("guidelines.whole")}
          </Link>
        </>
      ) : null}
    </details>
  );
}
