import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { MarkdownView, safeAddress } from "./markdown-view";

const html = (text: string, top: 3 | 4 = 3) =>
  renderToStaticMarkup(createElement(MarkdownView, { text, top }));

describe("what one may write", () => {
  test("headings begin at the level of their place, lists and tables are what they look like", () => {
    expect(html("## 方向\n\n* **主语**\n* 宾语")).toBe(
      '<div class="prose"><h3>方向</h3><ul><li><strong>主语</strong></li><li>宾语</li></ul></div>',
    );
    expect(html("## 方向\n\n### 例", 4)).toBe('<div class="prose"><h4>方向</h4><h5>例</h5></div>');
    expect(html("| a | b |\n|---|---|\n| 1 | 2 |")).toContain('<div class="table-wrap"><table>');
  });

  test("links lead out in a new window, or about this site", () => {
    expect(html("[guide](https://example.org/a?b=1)")).toContain(
      '<a href="https://example.org/a?b=1" target="_blank" rel="noopener noreferrer">guide</a>',
    );
    expect(html("[schema](/projects/1/schema)")).toContain(
      '<a href="/projects/1/schema">schema</a>',
    );
  });
});

describe("what is only text", () => {
  const HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "text <b onclick='alert(1)'>bold</b> <iframe src='/x'></iframe>",
    "<style>* { display: none }</style>",
    "<a href='javascript:alert(1)'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<div>\n\n<form action='/x'>\n\n</form></div>",
    "<pre onclick=alert(1)>x</pre>",
    "<!-- <script>alert(1)</script> -->",
  ];

  test.each(HOSTILE)("%s makes no element of its own", (text) => {
    expect(html(text)).not.toMatch(/<(script|img|iframe|style|svg|form|b|pre|a)\b/);
  });

  test.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](data:text/html,hello)",
    "[x](vbscript:hello)",
    "[x](mailto:a@example.org)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
  ])("%s leads nowhere", (text) => {
    expect(html(text)).not.toMatch(/<a\b/);
    expect(html(text)).not.toMatch(/href/);
  });

  test("a picture is replaced by its words", () => {
    const shown = html("![a molecule](https://example.org/x.png)");
    expect(shown).not.toContain("<img");
    expect(shown).not.toContain("example.org");
    expect(shown).toContain("a molecule");
  });
});

test.each([
  ["https://example.org", true],
  ["../schema", true],
  ["#part", true],
  ["java\nscript:alert(1)", false],
  ["\u0001javascript:alert(1)", false],
  ["ftp://example.org", false],
])("%s as an address", (address, isSafe) => {
  expect(safeAddress(address) !== null).toBe(isSafe);
});
