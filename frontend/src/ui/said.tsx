// A statement in words: an entity with its type, or a triple from head to tail; and who says it.
import type { ReactNode } from "react";
import "./styles/said.css";

interface End {
  readonly start: number;
  readonly surface: string;
  readonly type: string;
}

export interface Said {
  readonly type: string;
  readonly head: End;
  readonly tail: End | null;
}

interface EndProps {
  readonly text: string;
  readonly end: End;
  readonly withType: boolean;
}

/** The words of an end; a small number says which one where they stand in the text repeatedly. */
function EndWords({ text, end, withType }: EndProps) {
  const before = Array.from(text).slice(0, end.start).join("");
  const count = text.split(end.surface).length - 1;
  return (
    <>
      {end.surface}
      {count > 1 ? <sub>{before.split(end.surface).length}</sub> : null}
      {withType ? <span className="small"> ({end.type})</span> : null}
    </>
  );
}

interface SaidWordsProps {
  readonly text: string;
  readonly said: Said;
  /** Also say of which type the ends of a triple are. */
  readonly withTypes?: boolean;
}

export function SaidWords({ text, said, withTypes = false }: SaidWordsProps) {
  if (said.tail === null) {
    return (
      <span className="said-words">
        <EndWords text={text} end={said.head} withType={false} />
        {" · "}
        <b>{said.type}</b>
      </span>
    );
  }
  return (
    <span className="said-words">
      <EndWords text={text} end={said.head} withType={withTypes} />
      {" → "}
      <b>{said.type}</b>
      {" → "}
      <EndWords text={text} end={said.tail} withType={withTypes} />
    </span>
  );
}

interface SaysProps {
  readonly tone: "gold" | "model" | "not";
  readonly children: ReactNode;
}

export function Says({ tone, children }: SaysProps) {
  return <span className={tone === "model" ? "says" : `says says-${tone}`}>{children}</span>;
}
