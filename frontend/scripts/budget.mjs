// Weighs what the annotation page loads: its JavaScript must stay under 250 kB gzip.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT = 250 * 1000;
const DIST = resolve(import.meta.dirname, "..", "dist");
const PAGES = ["index.html", "src/features/annotation/annotation-page.tsx"];

const manifest = JSON.parse(readFileSync(join(DIST, ".vite", "manifest.json"), "utf8"));
const chunks = new Set();
const visit = (key) => {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`the build has no ${key}`);
  if (chunks.has(chunk.file)) return;
  chunks.add(chunk.file);
  for (const next of chunk.imports ?? []) visit(next);
};
for (const page of PAGES) visit(page);

const size = [...chunks]
  .filter((file) => file.endsWith(".js"))
  .map((file) => gzipSync(readFileSync(join(DIST, file))).length)
  .reduce((sum, one) => sum + one, 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
console.log(`annotation page: ${kb(size)} gzip JavaScript of ${kb(LIMIT)}`);
if (size > LIMIT) process.exit(1);
