import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CATALOGUES, errorText, fill, translator } from "./translate";
import type { MessageKey } from "./translate";

const KEYS = Object.keys(CATALOGUES.en) as MessageKey[];
const slots = (message: string) =>
  [...new Set([...message.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes("i18n/"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

describe("the catalogues", () => {
  test("say the same things in both languages", () => {
    expect(Object.keys(CATALOGUES.zh).sort()).toEqual([...KEYS].sort());
  });

  test.each(KEYS)("%s is said in both, with the same slots", (key) => {
    expect(CATALOGUES.zh[key].trim()).not.toBe("");
    expect(CATALOGUES.en[key].trim()).not.toBe("");
    expect(slots(CATALOGUES.zh[key])).toEqual(slots(CATALOGUES.en[key]));
  });

  test("no Chinese stands in the English catalogue but the language's own name", () => {
    const chinese = KEYS.filter((key) => /\p{Script=Han}/u.test(CATALOGUES.en[key]));
    expect(chinese).toEqual(["shell.other_language"]);
  });

  test("every key is used", () => {
    const code = sources("src").join("\n");
    const families = [...code.matchAll(/`(\w+(?:\.\w+)*\.)\$\{/g)].map((match) => match[1] ?? "-");
    const unused = KEYS.filter(
      (key) =>
        !code.includes(`"${key}"`) &&
        !/^(error|phase|format)\./.test(key) &&
        !families.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });
});

describe("filling in", () => {
  test("slots, and words that follow a number", () => {
    expect(fill("{n} {n|line was|lines were} refused", { n: 1 }, "en")).toBe("1 line was refused");
    expect(fill("{n} {n|line was|lines were} refused", { n: 1200 }, "en")).toBe(
      "1,200 lines were refused",
    );
    expect(translator("zh")("home.left", { n: 3 })).toBe("还有 3 个句子等待标注。");
  });

  test("an error that is not known speaks for itself", () => {
    expect(errorText(translator("en"), "some_new_code", "Said by the server")).toBe(
      "Said by the server",
    );
  });
});
