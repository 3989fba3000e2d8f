// How one likes the pages: language, light or dark, size of the text, suggestions, keys.
import type { ReactNode } from "react";
import { useChangePreferences, usePreferences } from "@/api/use-preferences";
import { useI18n } from "@/i18n/context";
import { LANGUAGES } from "@/i18n/translate";
import type { Language } from "@/i18n/translate";
import type { Density } from "@/ui/appearance";
import { Card } from "@/ui/card";
import { Choice } from "@/ui/field";
import { PageHead } from "@/ui/head";
import { Loading } from "@/ui/loading";
import { Problem } from "@/ui/notice";
import { Switch } from "@/ui/switch";
import type { Theme } from "@/ui/theme";
import { KeysCard } from "./keys-card";
import { TextSize } from "./text-size";
import "./settings.css";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const DENSITIES: readonly Density[] = ["comfortable", "compact"];

/** What else belongs to an account and is not about looks comes from outside: `more`. */
export function SettingsPage({ more }: { readonly more: ReactNode }) {
  const { t, language } = useI18n();
  const { preferences, isLoading } = usePreferences();
  const { mutate: change, mutateAsync: changed, error } = useChangePreferences();
  if (isLoading) return <Loading />;
  return (
    <>
      <PageHead title={t("settings.title")} lead={t("settings.lead")} />
      <div className="stack">
        <Problem error={error} />
        <Card title={t("settings.look")}>
          <div className="form">
            <div className="field-row">
              <Choice
                label={t("shell.language")}
                value={preferences.language ?? language}
                options={LANGUAGES.map((value) => ({
                  value,
                  label: t(`settings.language.${value}`),
                }))}
                onChoose={(value) => change({ language: value as Language })}
              />
              <Choice
                label={t("shell.theme")}
                value={preferences.theme}
                options={THEMES.map((value) => ({ value, label: t(`shell.theme.${value}`) }))}
                onChoose={(value) => change({ theme: value as Theme })}
              />
              <Choice
                label={t("settings.density")}
                value={preferences.density}
                options={DENSITIES.map((value) => ({
                  value,
                  label: t(`settings.density.${value}`),
                }))}
                onChoose={(value) => change({ density: value as Density })}
              />
            </div>
            <TextSize
              key={preferences.font_size}
              size={preferences.font_size}
              density={preferences.density}
              onSize={(font_size) => change({ font_size })}
            />
          </div>
        </Card>
        <Card title={t("help.suggestions")}>
          <Switch
            label={t("settings.suggestions")}
            isOn={preferences.suggestions}
            onSwitch={(suggestions) => changed({ suggestions })}
          />
          <p className="hint">{t("settings.suggestions_hint")}</p>
        </Card>
        {more}
        <KeysCard keymap={preferences.keys} onKeymap={(keys) => change({ keys })} />
      </div>
    </>
  );
}
