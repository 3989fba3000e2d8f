// Which types the person is looking at: what the guidelines should speak of first.
import { findEntity, findRelation } from "@/core/graph";
import { directionsBetween } from "@/core/schema";
import { proposalInFocus } from "@/core/state";
import type { EditorState } from "@/core/state";

function relationOf(state: EditorState, key: string): readonly string[] {
  const relation = findRelation(state.work, key);
  return relation === undefined ? [] : [relation.type];
}

function betweenTypes(state: EditorState, first: string, second: string): readonly string[] {
  const [one, other] = [findEntity(state.work, first), findEntity(state.work, second)];
  if (one === undefined || other === undefined) return [];
  return directionsBetween(state.schema, one.type, other.type).map(({ type }) => type);
}

/** The types in focus, by name; none when nothing is selected and no type is chosen. */
export function typesInFocus(state: EditorState): readonly string[] {
  const { focus, armed } = state;
  switch (focus.kind) {
    case "entity": {
      const entity = findEntity(state.work, focus.id);
      return entity === undefined ? [] : [entity.type];
    }
    case "relation":
    case "end":
      return relationOf(state, focus.key);
    case "pair":
      return betweenTypes(state, focus.first, focus.second);
    case "matrix":
      return [focus.type];
    case "proposal": {
      const proposal = proposalInFocus(state);
      if (proposal === undefined) return [];
      return [proposal.kind === "entity" ? proposal.entity.type : proposal.relation.type];
    }
    case "range":
    case "nothing":
      return armed === null ? [] : [armed];
  }
}
