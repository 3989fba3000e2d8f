// The relations in words, linked both ways with the arcs.
import { useEffect, useRef } from "react";
import { findEntity, numberOf, relationKey } from "@/core/graph";
import type { Relation } from "@/core/graph";
import { denyPair, dropRelation, reverseRelation } from "@/core/relations";
import { relationType } from "@/core/schema";
import { focusOn } from "@/core/state";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { entityWords } from "./scene";
import { tripleOf } from "./words";

interface RowProps {
  readonly state: EditorState;
  readonly relation: Relation;
  readonly number: number;
  readonly onState: (state: EditorState) => void;
}

function EndWords({ state, id }: { readonly state: EditorState; readonly id: string }) {
  const entity = findEntity(state.work, id);
  if (entity === undefined) return null;
  return (
    <span>
      <small className="number">{numberOf(state.work, id)}</small>{" "}
      {state.text.slice(entity.start, entity.end)}
    </span>
  );
}

function Row({ state, relation, number, onState }: RowProps) {
  const { t } = useI18n();
  const key = relationKey(relation);
  const isChosen = state.focus.kind === "relation" && state.focus.key === key;
  const type = relationType(state.schema, relation.type);
  const { subject, predicate, object } = tripleOf(state, relation);
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const arrow = type?.symmetric === true ? "–" : "→";
  return (
    <li ref={element} className={isChosen ? "triple is-chosen" : "triple"}>
      <button
        type="button"
        className="triple-words"
        data-testid={`relation-${number}`}
        aria-pressed={isChosen}
        style={{ "--c": type?.color ?? "" }}
        onClick={() => onState(focusOn(state, { kind: "relation", key }))}
      >
        <EndWords state={state} id={relation.head} />{" "}
        <span className="predicate">
          {arrow} {predicate} {arrow}
        </span>{" "}
        <EndWords state={state} id={relation.tail} />
      </button>
      <span className="triple-tools">
        {type?.symmetric === true ? null : (
          <button
            type="button"
            aria-label={`${t("command.reverse")}: ${subject} ${predicate} ${object}`}
            title={t("command.reverse")}
            onClick={() => onState(reverseRelation(state, key))}
          >
            ⇄
          </button>
        )}
        <button
          type="button"
          aria-label={`${t("command.delete")}: ${subject} ${predicate} ${object}`}
          title={t("command.delete")}
          onClick={() => onState(dropRelation(state, key))}
        >
          ✕
        </button>
      </span>
    </li>
  );
}

export function RelationList({ state, onState }: Pick<RowProps, "state" | "onState">) {
  const { t } = useI18n();
  const { relations, negatives } = state.work;
  return (
    <section className="panel" aria-labelledby="relations-head">
      <h2 id="relations-head">
        {t("editor.relations")} <span className="count">{relations.length}</span>
      </h2>
      {relations.length === 0 ? <p className="muted small">{t("editor.no_relations")}</p> : null}
      <ul className="triples">
        {relations.map((relation, place) => (
          <Row
            key={relationKey(relation)}
            state={state}
            relation={relation}
            number={place + 1}
            onState={onState}
          />
        ))}
        {negatives.map(({ head, tail }) => (
          <li key={`${head} ${tail}`} className="triple">
            <span className="triple-words is-plain">
              {entityWords(state, head)} <span className="predicate">{t("editor.denied")}</span>{" "}
              {entityWords(state, tail)}
            </span>
            <span className="triple-tools">
              <button
                type="button"
                aria-label={t("command.delete")}
                onClick={() => onState(denyPair(state, head, tail))}
              >
                ✕
              </button>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
