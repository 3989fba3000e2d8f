// Language and appearance, at hand on every page.
import { useI18n } from "@/i18n/context";
import type { Language, MessageKey } from "@/i18n/translate";
import { Button } from "./button";
import { chooseTheme, useTheme } from "./theme";
import type { Theme } from "./theme";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const NAMES: Readonly<Record<Theme, MessageKey>> = {
  system: "shell.theme.system",
  light: "shell.theme.light",
  dark: "shell.theme.dark",
};
const SIGNS: Readonly<Record<Theme, string>> = { system: "◐", light: "☀", dark: "☾" };

interface ToolsProps {
  /** Told of what was chosen, so that it can be kept for the next time. */
  readonly onTheme?: (theme: Theme) => void;
  readonly onLanguage?: (language: Language) => void;
}

export function Tools({ onTheme, onLanguage }: ToolsProps) {
  const { t, language, setLanguage } = useI18n();
  const theme = useTheme();
  const other = language === "zh" ? "en" : "zh";
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
          onTheme?.(NEXT[theme]);
        }}
      >
        <span aria-hidden="true">{SIGNS[theme]}</span>
      </Button>
      <Button
        weight="quiet"
        size="small"
        data-testid="language"
        lang={other === "en" ? "en" : "zh-Hans"}
        title={t("shell.language")}
        onClick={() => {
          setLanguage(other);
          onLanguage?.(other);
        }}
      >
        {t("shell.other_language")}
      </Button>
    </>
  );
}
