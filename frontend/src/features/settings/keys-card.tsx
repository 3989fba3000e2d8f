// The keys of all commands: press a new one, go back to the usual one, hear why one cannot be had.
import { useState } from "react";
import type { CommandGroup } from "@/core/command";
import { REBINDABLE } from "@/core/keymap";
import type { Keymap } from "@/core/keymap";
import { keyCaps } from "@/editor/words";
import { useI18n } from "@/i18n/context";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Notice } from "@/ui/notice";
import type { Answer, Refusal } from "./key-choices";
import { KeyRow } from "./key-row";

const GROUPS = [...new Set(REBINDABLE.map(({ group }) => group))];

function useReason(): (refusal: Refusal) => string {
  const { t } = useI18n();
  return ({ command, key, clash }) => {
    const words = { key: keyCaps(key).join(" "), command: t(`command.${command}`) };
    if (clash === "digits") return t("settings.clash.digits", words);
    if (clash === "reserved") return t("settings.clash.reserved", words);
    return t("settings.clash.command", { ...words, other: t(`command.${clash}`) });
  };
}

interface KeysCardProps {
  readonly keymap: Keymap;
  readonly onKeymap: (keymap: Keymap) => void;
}

export function KeysCard({ keymap, onKeymap }: KeysCardProps) {
  const { t } = useI18n();
  const reasonFor = useReason();
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const take = ({ keymap: next, refusal: because }: Answer) => {
    setRefusal(because);
    if (next !== null) onKeymap(next);
  };
  const rowsOf = (group: CommandGroup) => REBINDABLE.filter((row) => row.group === group);
  return (
    <Card
      title={t("help.title")}
      testId="keys"
      aside={
        <Button
          size="small"
          disabled={Object.keys(keymap).length === 0}
          onClick={() => take({ keymap: {}, refusal: null })}
        >
          {t("settings.reset_all")}
        </Button>
      }
    >
      <p className="hint">{t("settings.keys_hint")}</p>
      <div className="key-groups">
        {GROUPS.map((group) => (
          <section key={group} className="key-group" aria-labelledby={`keys-${group}`}>
            <h3 id={`keys-${group}`}>{t(`help.${group}`)}</h3>
            <ul>
              {rowsOf(group).map((command) => (
                <KeyRow key={command.name} command={command} keymap={keymap} onAnswer={take}>
                  {refusal?.command === command.name ? (
                    <Notice tone="bad">{reasonFor(refusal)}</Notice>
                  ) : null}
                </KeyRow>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  );
}
