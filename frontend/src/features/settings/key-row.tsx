// One command and its key; while it waits, the next key that is pressed becomes the command's own.
import { Fragment, useState } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import type { Command } from "@/core/command";
import { keyName } from "@/core/keys";
import type { Keymap } from "@/core/keymap";
import { keyCaps } from "@/editor/words";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { chooseKey, isOwn, resetKey, shownKey } from "./key-choices";
import type { Answer } from "./key-choices";

interface KeyRowProps {
  readonly command: Command;
  readonly keymap: Keymap;
  readonly onAnswer: (answer: Answer) => void;
  /** Why the last wish could not be granted. */
  readonly children: ReactNode;
}

export function KeyRow({ command, keymap, onAnswer, children }: KeyRowProps) {
  const { t } = useI18n();
  const [isWaiting, setWaiting] = useState(false);
  const called = t(`command.${command.name}`);
  const listen = (event: KeyboardEvent) => {
    if (!isWaiting) return;
    event.preventDefault();
    event.stopPropagation();
    const key = keyName(event.nativeEvent);
    if (key === null) return;
    setWaiting(false);
    if (key !== "Escape") onAnswer(chooseKey(command, keymap, key));
  };
  const caps = keyCaps(shownKey(command, keymap));
  return (
    <li className={isOwn(command, keymap) ? "key-row is-own" : "key-row"}>
      <span className="key-name">{called}</span>
      <button
        type="button"
        className={isWaiting ? "key-cap is-waiting" : "key-cap"}
        data-testid={`key-${command.name}`}
        aria-label={
          isWaiting
            ? t("settings.press_key_for", { command: called })
            : t("settings.change_key", { command: called, key: caps.join(" ") })
        }
        onClick={() => setWaiting(true)}
        onKeyDown={listen}
        onKeyUp={(event) => {
          // Space would press the button again on its way up.
          if (event.key === " ") event.preventDefault();
        }}
        onBlur={() => setWaiting(false)}
      >
        {isWaiting
          ? t("settings.press_key")
          : caps.map((cap) => (
              <Fragment key={cap}>
                <kbd>{cap}</kbd>{" "}
              </Fragment>
            ))}
      </button>
      <Button
        weight="quiet"
        size="small"
        disabled={!isOwn(command, keymap)}
        aria-label={t("settings.reset_key", { command: called })}
        onClick={() => onAnswer(resetKey(command, keymap))}
      >
        {t("settings.reset")}
      </Button>
      {children === null ? null : <div className="key-problem">{children}</div>}
    </li>
  );
}
