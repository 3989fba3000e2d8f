// Turns a message and its parameters into words: "{name}" is filled in, "{n|word|words}" follows the number.
import { en } from "./en";
import { zh } from "./zh";

export type MessageKey = keyof typeof en;
export type Language = "zh" | "en";
export type Params = Readonly<Record<string, string | number>>;
export type Translate = (key: MessageKey, params?: Params) => string;

export const LANGUAGES: readonly Language[] = ["zh", "en"];
export const CATALOGUES: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = {
  zh,
  en,
};
export const LOCALES: Readonly<Record<Language, string>> = { zh: "zh-Hans-CN", en: "en-GB" };

const SLOT = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g;

export function fill(message: string, params: Params, locale: string): string {
  return message.replace(SLOT, (whole, name: string, one?: string, many?: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one !== undefined && many !== undefined) return value === 1 ? one : many;
    return typeof value === "number" ? value.toLocaleString(locale) : value;
  });
}

export function translator(language: Language): Translate {
  return (key, params = {}) => fill(CATALOGUES[language][key], params, LOCALES[language]);
}

export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

/** The words for an error code, or the server's own sentence where the code is not known here. */
export function errorText(t: Translate, code: string, message: string): string {
  const key = `error.${code}`;
  return isMessageKey(key) ? t(key) : message;
}

/** What a format of files is called, or its name where it is not known here. */
export function formatText(t: Translate, name: string): string {
  const key = `format.${name}`;
  return isMessageKey(key) ? t(key) : name;
}

/** The words for a phase of a training, or its name where it is not known here. */
export function phaseText(t: Translate, phase: string): string {
  const key = `phase.${phase}`;
  return isMessageKey(key) ? t(key) : phase;
}
