// The help is the command table, read aloud.
import type { Command, CommandGroup } from "@/core/command";
import { COMMANDS } from "@/core/commands";
import { keysOf } from "@/core/keymap";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Dialog } from "@/ui/dialog";
import { keyCaps } from "./words";

const GROUPS: readonly CommandGroup[] = [
  "entities",
  "relations",
  "suggestions",
  "sentence",
  "view",
];

/** Too many keys to print one by one: they are said in words instead. */
const IN_WORDS: readonly string[] = [
  "label-type",
  "retype-entity",
  "arm-type",
  "relate-type",
  "retype-relation",
  "pick-number",
  "pick-with-head",
  "caret-move",
  "caret-stretch",
];

export function Keys({
  command,
  state,
}: {
  readonly command: Command;
  readonly state: EditorState;
}) {
  const { t } = useI18n();
  if (command.name === "pick-with-head") return <kbd>⇧ 1–9</kbd>;
  if (command.name === "pick-number") return <kbd>1–9</kbd>;
  if (command.name === "caret-move") return <kbd>← →</kbd>;
  if (command.name === "caret-stretch") return <kbd>⇧ ← →</kbd>;
  if (command.name === "matrix-move") return <kbd>← → ↑ ↓</kbd>;
  if (IN_WORDS.includes(command.name)) return <kbd>{t("help.type_key")}</kbd>;
  const keys = keysOf(command, state.keymap, state);
  return (
    <span className="caps">
      {keyCaps(keys[0] ?? "").map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}

interface HelpProps {
  readonly state: EditorState;
  readonly onClose: () => void;
}

export function Help({ state, onClose }: HelpProps) {
  const { t } = useI18n();
  return (
    <Dialog title={t("help.title")} onClose={onClose} wide>
      <p className="muted">{t("help.lead")}</p>
      <div className="help-columns">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{t(`help.${group}`)}</h3>
            <dl className="help-list">
              {COMMANDS.filter((command) => command.group === group).map((command) => (
                <div key={command.name}>
                  <dt>{t(`command.${command.name}`)}</dt>
                  <dd>
                    <Keys command={command} state={state} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
