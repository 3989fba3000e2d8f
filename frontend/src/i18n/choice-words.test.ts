import { describe, expect, test } from "vitest";
import { CHOICES, encoderWords, settingWords, valueWords } from "./choice-words";

const names = (words: Readonly<Record<string, unknown>>) => Object.keys(words).sort();

describe("words for what can be chosen", () => {
  test("say the same things in both languages", () => {
    const { en, zh } = CHOICES;
    expect(names(zh.settings)).toEqual(names(en.settings));
    expect(names(zh.encoders)).toEqual(names(en.encoders));
    expect(names(zh.values)).toEqual(names(en.values));
    for (const [name, words] of Object.entries(en.settings)) {
      expect(names(zh.settings[name]?.values ?? {})).toEqual(names(words.values ?? {}));
    }
  });

  test("no Chinese stands in the English ones", () => {
    expect(JSON.stringify(CHOICES.en)).not.toMatch(/\p{Script=Han}/u);
  });

  test("a setting has its words, or another model's own", () => {
    const name = "relation_threshold";
    const usual = settingWords("zh", "spert.v1", name);
    const own = settingWords("zh", "spert_mt.v1", name);
    expect(usual.label).toBe("关系阈值");
    expect(own.about).not.toBe(usual.about);
  });

  test("an unknown setting, value or encoder is shown by its own name", () => {
    expect(settingWords("zh", "new.v1", "pair_gate", "Gate the pairs")).toEqual({
      label: "Pair gate",
      about: "Gate the pairs",
    });
    expect(valueWords("zh", "new.v1", "pair_gate", "two_way")).toBe("two way");
    expect(encoderWords("zh", "our-bert", "our-bert")).toEqual({ label: "our-bert", about: "" });
  });

  test("an empty value is the program's own choice", () => {
    expect(valueWords("zh", "spert.v1", "epochs", "")).toBe("自动");
    expect(valueWords("en", "spert.v1", "context", "between")).toBe("between the entities");
  });
});
