// How often planted wrong triples were accepted, and which ones.
import { useQuery } from "@tanstack/react-query";
import { listChecks } from "@/api/endpoints";
import { keys } from "@/api/keys";
import type { Bias } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Problem } from "@/ui/notice";
import { Link } from "@/ui/router";

interface ChecksPartProps {
  readonly projectId: number;
  readonly planted: Bias["planted"];
}

export function ChecksPart({ projectId, planted }: ChecksPartProps) {
  const { t, format } = useI18n();
  const checks = useQuery({
    queryKey: keys.allChecks(projectId),
    queryFn: () => listChecks(projectId, true),
    enabled: planted.shown > 0,
  });
  if (planted.share === 0 && planted.shown === 0) return null;
  const { rate, shown, accepted } = planted;
  return (
    <div className="stack checks" data-testid="checks">
      <h3>{t("check.title")}</h3>
      <p>
        {rate === null
          ? t("check.none", { percent: format.percent(planted.share) })
          : t("check.rate", {
              accepted,
              shown,
              percent: format.percent(rate.value),
              low: format.percent(rate.low),
              high: format.percent(rate.high),
            })}
      </p>
      <Problem error={checks.error} />
      <ul className="small">
        {checks.data?.results.map((one) => (
          <li key={one.id}>
            <Link to={`/projects/${projectId}/annotate/${one.sentence}`}>
              {t("check.triple", { head: one.head, tail: one.tail, type: one.type })}
            </Link>{" "}
            <span className="muted">
              {one.person} · {t(`check.outcome.${one.outcome}`)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
