import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const FOLDER = join(import.meta.dirname, "..");
const WORD = /\p{L}{2,}/u;
/** Names that are the same in every language, and keys as they are printed. */
const SAME = /^(Relata|Ctrl .)$/u;
const SAID = new Set(["label", "title", "placeholder", "alt", "aria-label", "hint"]);

function looseWords(name: string): string[] {
  const text = readFileSync(join(FOLDER, name), "utf8");
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const note = (words: string) => {
    if (WORD.test(words) && !SAME.test(words.trim())) found.push(`${name}: ${words.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) note(node.text);
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
      if (SAID.has(node.name.getText())) note(node.initializer.text);
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

test("no word stands in a page that is not in the catalogues", () => {
  const pages = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".tsx"),
  );
  expect(pages.length).toBeGreaterThan(50);
  expect(pages.flatMap(looseWords)).toEqual([]);
});
