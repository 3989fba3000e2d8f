// Every pair of a comparison: how far apart, and whether that is more than luck.
import type { Compared, Project } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Link } from "@/ui/router";
import { GapText } from "./figures";

interface PairsProps {
  readonly project: Project;
  readonly compared: Compared;
}

export function Pairs({ project, compared }: PairsProps) {
  const { t } = useI18n();
  const numbers = new Map(compared.versions.map(({ id, number }) => [id, number]));
  const mayLook = project.role !== "annotator";
  return (
    <section aria-labelledby={`pairs-${compared.id}`}>
      <h3 id={`pairs-${compared.id}`}>{t("room.differences")}</h3>
      <ul className="pairs">
        {compared.pairs.map(({ first, second, triple }) => {
          const names = {
            first: numbers.get(first) ?? first,
            second: numbers.get(second) ?? second,
          };
          return (
            <li key={`${first}-${second}`}>
              <span>{t("room.pair", names)}</span>
              <GapText gap={triple} />
              {mayLook ? (
                <Link
                  className="small"
                  to={`/projects/${project.id}/models/compare/${second}/${first}`}
                >
                  {t("room.look")}
                  <span className="visually-hidden"> {t("room.pair", names)}</span>
                </Link>
              ) : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
