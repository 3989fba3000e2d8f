// The document that the sentence was taken from, the sentence marked in its place.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { getDocument } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Sentence, SourceDocument } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";
import { passagesOf } from "./passages";
import type { Passage } from "./passages";
import "./document-panel.css";

const MEMORY = "relata.document";

interface BodyProps {
  readonly projectId: number;
  readonly sentenceId: number;
  readonly document: SourceDocument;
  readonly onVisit: (sentenceId: number) => void;
}

/** Show the marked place when the panel opens, without moving the page. */
function useShown() {
  return useCallback((element: HTMLElement | null) => {
    const room = element?.closest(".document-body");
    if (element === null || !(room instanceof HTMLElement)) return;
    room.scrollTop = element.offsetTop - room.offsetTop - room.clientHeight / 3;
  }, []);
}

function Body({ projectId, sentenceId, document, onVisit }: BodyProps) {
  const { t } = useI18n();
  const shown = useShown();
  const passages = passagesOf(document);
  const show = ({ text, id }: Passage, at: number) => {
    if (id === null) return <span key={at}>{text}</span>;
    if (id === sentenceId) {
      return (
        <mark key={at} ref={shown} data-testid="document-here">
          {text}
        </mark>
      );
    }
    return (
      <Link
        key={at}
        to={`/projects/${projectId}/annotate/${id}`}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return; // a tab of its own
          event.preventDefault();
          onVisit(id);
        }}
      >
        {text}
      </Link>
    );
  };
  return (
    <>
      {document.text === "" ? <p className="muted small">{t("document.untold")}</p> : null}
      <div className="document-body" role="region" tabIndex={0} aria-label={document.name}>
        {passages.map(show)}
      </div>
    </>
  );
}

interface PanelProps {
  readonly projectId: number;
  readonly sentence: Sentence;
  readonly onVisit: (sentenceId: number) => void;
}

export function DocumentPanel({ projectId, sentence, onVisit }: PanelProps) {
  const { t } = useI18n();
  const [isOpen, setOpen] = useState(() => localStorage.getItem(MEMORY) === "open");
  const isThere = sentence.document !== null;
  const found = useQuery({
    queryKey: keys.document(projectId, sentence.id),
    queryFn: () => getDocument(sentence.id),
    enabled: isThere && isOpen,
  });
  if (sentence.document === null) return null;
  const { name, section } = sentence.document;
  const keep = (next: boolean) => {
    localStorage.setItem(MEMORY, next ? "open" : "closed");
    setOpen(next);
  };
  return (
    <details
      className="panel document-panel"
      data-testid="document-panel"
      open={isOpen}
      onToggle={(event) => keep(event.currentTarget.open)}
    >
      <summary>
        <span className="guideline-title">{t("document.title")}</span>
        <span className="muted small" lang="zh">
          {[name, section].filter((one) => one !== "").join(" · ")}
        </span>
      </summary>
      <Problem error={found.error} />
      {isOpen && found.data !== undefined ? (
        <Body
          projectId={projectId}
          sentenceId={sentence.id}
          document={found.data}
          onVisit={onVisit}
        />
      ) : null}
    </details>
  );
}
