// Turns Markdown into elements: no HTML of the writer's, no pictures, links to http(s) and this site only.
import Parsed from "markdown-to-jsx/react";
import { Fragment } from "react";
import type { ReactNode } from "react";
import "./styles/prose.css";

export interface MarkdownProps {
  readonly text: string;
  /** The level of the text's largest heading on the page. */
  readonly top: 3 | 4;
}

interface Part {
  readonly children?: ReactNode;
}

/** The address, or null where it could do more than lead somewhere. */
export function safeAddress(address: string): string | null {
  const here = "https://here.invalid";
  if (!URL.canParse(address, here)) return null;
  return /^https?:$/.test(new URL(address, here).protocol) ? address : null;
}

function SafeLink({ href, children }: Part & { readonly href?: string }) {
  if (href === undefined || safeAddress(href) === null) return <>{children}</>;
  return /^(?:https?:)?\/\//i.test(href) ? (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ) : (
    <a href={href}>{children}</a>
  );
}

function Picture({ alt }: { readonly alt?: string }) {
  return <>{alt}</>;
}

function Table({ children }: Part) {
  return (
    <div className="table-wrap">
      <table>{children}</table>
    </div>
  );
}

/** Headings without the addresses that the parser would give them: they would stand twice on a page. */
const HEADINGS = {
  3: ({ children }: Part) => <h3>{children}</h3>,
  4: ({ children }: Part) => <h4>{children}</h4>,
  5: ({ children }: Part) => <h5>{children}</h5>,
  6: ({ children }: Part) => <h6>{children}</h6>,
} as const;

function overridesFor(top: MarkdownProps["top"]) {
  const lower = top === 3 ? HEADINGS[4] : HEADINGS[5];
  const lowest = top === 3 ? HEADINGS[5] : HEADINGS[6];
  return {
    a: SafeLink,
    img: Picture,
    table: Table,
    h1: HEADINGS[top],
    h2: HEADINGS[top],
    h3: lower,
    h4: lowest,
    h5: lowest,
    h6: lowest,
  };
}

function optionsFor(top: MarkdownProps["top"]) {
  return {
    disableParsingRawHTML: true,
    disableFrontmatter: true,
    forceBlock: true,
    wrapper: Fragment,
    sanitizer: safeAddress,
    overrides: overridesFor(top),
  } as const;
}

const OPTIONS = { 3: optionsFor(3), 4: optionsFor(4) } as const;

export function MarkdownView({ text, top }: MarkdownProps) {
  return (
    <div className="prose">
      <Parsed options={OPTIONS[top]}>{text}</Parsed>
    </div>
  );
}
