// Holds the rooms apart: which folder may import which, no circles, kebab-case file names.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const SRC = join(ROOT, "src");

/** Each room and the rooms that it may import. */
const MAY_IMPORT = {
  core: [],
  i18n: [],
  ui: ["i18n"],
  api: ["core"],
  editor: ["core", "ui", "i18n"],
  features: ["core", "api", "editor", "ui", "i18n"],
  app: ["core", "api", "editor", "ui", "i18n", "features"],
};
const PURE = { core: /^(\.|@\/core)/ };
const IMPORT =
  /(?:import|export)\s+(?:type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/g;

function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

function target(from, wanted) {
  const base = wanted.startsWith("@/")
    ? join(SRC, wanted.slice(2))
    : resolve(dirname(from), wanted);
  return [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`].find((path) =>
    sources.includes(path),
  );
}

const room = (path) => relative(SRC, path).split("/")[0];
const feature = (path) => relative(SRC, path).split("/")[1];
const sources = files(SRC).filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"));
const graph = new Map();
const problems = [];

function checkName(path) {
  const name = relative(SRC, path);
  if (!/^[a-z0-9/.-]+$/.test(name)) problems.push(`${name}: file names are kebab-case`);
}

function checkImport(path, wanted) {
  const here = relative(SRC, path);
  const isTest = /\.test\.ts$/.test(path);
  if (!/^(\.|@\/)/.test(wanted)) {
    if (PURE[room(path)] && !isTest) problems.push(`${here}: ${room(path)} is pure, not ${wanted}`);
    return;
  }
  const found = target(path, wanted);
  if (!found) return;
  graph.get(path).push(found);
  const [from, to] = [room(path), room(found)];
  if (from !== to && !(MAY_IMPORT[from] ?? []).includes(to)) {
    problems.push(`${here}: ${from} may not import ${to}`);
  }
  if (from === "features" && to === "features" && feature(path) !== feature(found)) {
    problems.push(`${here}: features stay apart (${relative(SRC, found)})`);
  }
}

function checkCircles() {
  const state = new Map();
  const visit = (path, trail) => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      problems.push(`circle: ${[...trail, path].map((one) => relative(SRC, one)).join(" -> ")}`);
      return;
    }
    state.set(path, "open");
    for (const next of graph.get(path)) visit(next, [...trail, path]);
    state.set(path, "done");
  };
  for (const path of sources) visit(path, []);
}

function checkOrphans() {
  const used = new Set([...graph.values()].flat());
  for (const path of sources) {
    const here = relative(SRC, path);
    if (!used.has(path) && !/\.test\.ts$/.test(path) && here !== "app/main.tsx") {
      problems.push(`${here}: nobody imports it`);
    }
  }
}

for (const path of sources) {
  graph.set(path, []);
  checkName(path);
}
for (const path of sources) {
  for (const match of readFileSync(path, "utf8").matchAll(IMPORT)) {
    checkImport(path, match[1] ?? match[2]);
  }
}
checkCircles();
checkOrphans();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`rooms: ${sources.length} files, every import points the right way`);
