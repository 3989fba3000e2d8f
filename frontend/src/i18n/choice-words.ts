// Words for what the catalogue offers by name: settings, their values, built-in encoders.
//
// They are apart from the other words because only the training page needs them. What has no
// words here, such as a setting that came with a new model, is shown under its own name.
import en from "./choices/en.json";
import zh from "./choices/zh.json";
import type { Language } from "./translate";

interface Words {
  readonly label: string;
  readonly about: string;
  readonly values?: Readonly<Record<string, string>>;
}

export interface ChoiceWords {
  /** By name, or by "model/name" where a model means something else by it. */
  readonly settings: Readonly<Record<string, Words>>;
  readonly encoders: Readonly<Record<string, Words>>;
  /** Values that several settings have. */
  readonly values: Readonly<Record<string, string>>;
}

export const CHOICES: Readonly<Record<Language, ChoiceWords>> = { en, zh };

function readable(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const wordsOf = (language: Language, model: string, name: string) =>
  CHOICES[language].settings[`${model}/${name}`] ?? CHOICES[language].settings[name];

/** A setting's name for people, and what it does; the schema's own sentence where none is known. */
export function settingWords(language: Language, model: string, name: string, description = "") {
  return wordsOf(language, model, name) ?? { label: readable(name), about: description };
}

/** A value for people; an empty one is the program's own choice. */
export function valueWords(language: Language, model: string, name: string, value: string) {
  const key = value === "" ? "auto" : value;
  const known = wordsOf(language, model, name)?.values?.[key] ?? CHOICES[language].values[key];
  return known ?? value.replaceAll("_", " ");
}

/** What an encoder is; a folder's own name where it is not built in. */
export function encoderWords(language: Language, name: string, title: string) {
  return CHOICES[language].encoders[name] ?? { label: title, about: "" };
}
