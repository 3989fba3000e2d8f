// Language and appearance, at hand on every page.
import { useState } from "react";
import { useI18n } from "@/i18n/context";
import type { MessageKey } from "@/i18n/translate";
import { Button } from "./button";
import { chooseTheme, rememberedTheme } from "./theme";
import type { Theme } from "./theme";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const NAMES: Readonly<Record<Theme, MessageKey>> = {
  system: "shell.theme.system",
  light: "shell.theme.light",
  dark: "shell.theme.dark",
};
const SIGNS: Readonly<Record<Theme, string>> = { system: "◐", light: "☀", dark: "☾" };

export function Tools() {
  const { t, language, setLanguage } = useI18n();
  const [theme, setTheme] = useState<Theme>(rememberedTheme);
  const themeName = `${t("shell.theme")}: ${t(NAMES[theme])}`;
  return (
    <>
      <Button
        weight="quiet"
        size="small"
        data-testid="theme"
        aria-label={themeName}
        title={themeName}
        onClick={() => {
          chooseTheme(NEXT[theme]);
          setTheme(NEXT[theme]);
        }}
      >
        <span aria-hidden="true">{SIGNS[theme]}</span>
      </Button>
      <Button
        weight="quiet"
        size="small"
        data-testid="language"
        lang={language === "zh" ? "en" : "zh-Hans"}
        title={t("shell.language")}
        onClick={() => setLanguage(language === "zh" ? "en" : "zh")}
      >
        {t("shell.other_language")}
      </Button>
    </>
  );
}
