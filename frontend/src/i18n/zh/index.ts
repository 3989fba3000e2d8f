// All Chinese words of the program.
import { annotation } from "./annotation";
import { checks } from "./checks";
import { curves } from "./curves";
import { editor } from "./editor";
import { errorAnalysis } from "./error-analysis";
import { errors } from "./errors";
import { exchange } from "./exchange";
import { graph } from "./graph";
import { guidelines } from "./guidelines";
import { learning } from "./learning";
import { modelsRoom } from "./models-room";
import { policy } from "./policy";
import { sampling } from "./sampling";
import { schemaChanges } from "./schema-changes";
import { secondFactor } from "./second-factor";
import { sentences } from "./sentences";
import { settings } from "./settings";
import { shell } from "./shell";
import { suggestions } from "./suggestions";
import { trust } from "./trust";

export const zh = {
  ...shell,
  ...errors,
  ...errorAnalysis,
  ...editor,
  ...annotation,
  ...learning,
  ...checks,
  ...curves,
  ...modelsRoom,
  ...exchange,
  ...policy,
  ...sampling,
  ...schemaChanges,
  ...secondFactor,
  ...sentences,
  ...settings,
  ...suggestions,
  ...trust,
  ...graph,
  ...guidelines,
};
