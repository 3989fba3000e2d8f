// The names under which answers of the server are remembered, and what an event makes stale.

export const keys = {
  session: ["session"] as const,
  preferences: ["preferences"] as const,
  projects: ["projects"] as const,
  catalogue: ["catalogue"] as const,
  project: (id: number) => ["project", id] as const,
  progress: (id: number) => ["project", id, "progress"] as const,
  members: (id: number) => ["project", id, "members"] as const,
  schema: (id: number) => ["project", id, "schema"] as const,
  guidelines: (id: number) => ["project", id, "guidelines"] as const,
  runs: (id: number) => ["project", id, "runs"] as const,
  leaderboard: (id: number) => ["project", id, "leaderboard"] as const,
  comparisons: (id: number) => ["project", id, "comparisons"] as const,
  diff: (id: number, first: number, second: number) =>
    ["project", id, "diff", first, second] as const,
  models: (id: number) => ["project", id, "models"] as const,
  sentences: (id: number) => ["project", id, "sentences"] as const,
  comments: (id: number, sentence: number) => ["project", id, "comments", sentence] as const,
  allComments: (id: number) => ["project", id, "comments"] as const,
  suggestions: (id: number) => ["project", id, "suggestions"] as const,
  bias: (id: number) => ["project", id, "bias"] as const,
  checks: (id: number) => ["project", id, "checks", "own"] as const,
  allChecks: (id: number) => ["project", id, "checks"] as const,
  curves: (id: number) => ["project", id, "curves"] as const,
  imports: (id: number) => ["project", id, "imports"] as const,
};
