// Every command by name: type a few letters, press Enter.
import { useState } from "react";
import type { Command, Outcome } from "@/core/command";
import { COMMANDS, applies } from "@/core/commands";
import type { EditorState } from "@/core/state";
import { useI18n } from "@/i18n/context";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Keys } from "./help";

interface PaletteProps {
  readonly state: EditorState;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onClose: () => void;
}

/** Commands that one key names; those that need a key of the schema stay on the keyboard. */
function possible(state: EditorState): { command: Command; key: string }[] {
  return COMMANDS.flatMap((command) => {
    if (typeof command.keys === "function" || command.keys.length > 3) return [];
    const key = command.keys[0] ?? "";
    const isHere = command.name !== "palette" && applies(command, state, key);
    return isHere ? [{ command, key }] : [];
  });
}

export function Palette({ state, onOutcome, onClose }: PaletteProps) {
  const { t } = useI18n();
  const [wanted, setWanted] = useState("");
  const found = possible(state).filter(({ command }) =>
    t(`command.${command.name}`).toLowerCase().includes(wanted.trim().toLowerCase()),
  );
  const run = (place: number) => {
    const chosen = found[place];
    if (chosen === undefined) return;
    onClose();
    onOutcome(chosen.command.run(state, chosen.key));
  };
  return (
    <Dialog title={t("command.palette")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(0);
        }}
      >
        <Field
          label={t("palette.search")}
          value={wanted}
          autoFocus
          autoComplete="off"
          onChange={(event) => setWanted(event.target.value)}
        />
      </form>
      <ul className="palette">
        {found.map(({ command }, place) => (
          <li key={command.name}>
            <button type="button" onClick={() => run(place)}>
              {t(`command.${command.name}`)}
              <Keys command={command} state={state} />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
