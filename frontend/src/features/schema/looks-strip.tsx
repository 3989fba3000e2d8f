// The types as the editor draws them, in light and in dark, and what could be better about them.
import { useI18n } from "@/i18n/context";
import type { Translate } from "@/i18n/translate";
import type { DraftType } from "./draft";
import { looksOf } from "./looks";
import type { LookProblem } from "./looks";

const SHADES = ["light", "dark"] as const;

function words(t: Translate, problem: LookProblem): string {
  switch (problem.kind) {
    case "alike":
      return t("looks.alike", { one: problem.one, other: problem.other });
    case "faint":
      return t("looks.faint", { one: problem.one });
    case "command":
      return t("looks.command", { one: problem.one, key: problem.key });
  }
}

export function LooksStrip({ types }: { readonly types: readonly DraftType[] }) {
  const { t } = useI18n();
  const problems = looksOf(types);
  return (
    <div className="looks">
      <div className="looks-shades" role="group" aria-label={t("looks.title")}>
        {SHADES.map((shade) => (
          <div key={shade} className={`looks-shade looks-${shade}`}>
            {types.map(({ id, name, label, color, key }) => (
              <span key={id} className="looks-type" style={{ "--c": color }}>
                <span className="looks-mark">{label || name || "…"}</span>
                {key === "" ? null : <kbd>{key.toUpperCase()}</kbd>}
              </span>
            ))}
          </div>
        ))}
      </div>
      {problems.length === 0 ? null : (
        <ul className="looks-problems small" role="status">
          {problems.map((problem) => (
            <li key={words(t, problem)}>⚠ {words(t, problem)}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
