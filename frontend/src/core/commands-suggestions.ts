// Commands on the model's proposals: walk, accept, refuse, accept many, hide.
import { IDLE } from "./command";
import type { Command, Outcome } from "./command";
import {
  acceptAll,
  acceptSure,
  answer,
  answerable,
  proposalAfter,
  sureProposals,
  walk,
} from "./proposals";
import { NO_FOCUS, focusOn, proposalsOf } from "./state";
import type { EditorState } from "./state";

const only = (state: EditorState): Outcome => ({ state });
const always = () => true;

export const suggestionCommands: readonly Command[] = [
  {
    name: "walk-next",
    keys: ["Tab"],
    group: "suggestions",
    where: IDLE,
    when: (state) => proposalAfter(state, 1) !== undefined,
    run: (state) => only(walk(state, 1)),
  },
  {
    name: "walk-previous",
    keys: ["Shift+Tab"],
    group: "suggestions",
    where: IDLE,
    when: (state) => proposalAfter(state, -1) !== undefined,
    run: (state) => only(walk(state, -1)),
  },
  {
    name: "accept",
    keys: ["a"],
    group: "suggestions",
    where: ["nothing", "proposal"],
    when: (state) => answerable(state) !== undefined,
    run: (state) => only(answer(state, "accept")),
  },
  {
    name: "reject",
    keys: ["x"],
    group: "suggestions",
    where: ["nothing", "proposal"],
    when: (state) => answerable(state) !== undefined,
    run: (state) => only(answer(state, "reject")),
  },
  {
    name: "accept-all",
    keys: ["Shift+a"],
    group: "suggestions",
    when: (state) => proposalsOf(state).length > 0,
    run: (state) => only(acceptAll(state)),
  },
  {
    name: "accept-sure",
    keys: ["Shift+t"],
    group: "suggestions",
    when: (state) => sureProposals(state).length > 0,
    run: (state) => only(acceptSure(state)),
  },
  {
    name: "hide-suggestions",
    keys: ["Shift+h"],
    group: "view",
    when: (state) => state.suggestion !== null,
    run: (state) => only({ ...focusOn(state, NO_FOCUS), showsProposals: !state.showsProposals }),
  },
  {
    name: "all-arcs",
    keys: ["Shift+f"],
    group: "view",
    when: always,
    run: (state) => only({ ...state, showsAllArcs: !state.showsAllArcs }),
  },
];
