// From which chance on to accept: how many suggestions lie above it, and how many were right.
import type { TrustKind } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { useful } from "./said";

export function Thresholds({ kind }: { readonly kind: TrustKind }) {
  const { t, format } = useI18n();
  const rows = useful(kind.thresholds);
  return (
    <Card title={t("trust.thresholds")} testId="thresholds">
      {rows.length === 0 ? <p className="muted">{t("trust.no_thresholds")}</p> : null}
      <ul className="thresholds">
        {rows.map(({ threshold, count, right, low, high }) => (
          <li key={threshold}>
            {t("trust.at_least", {
              threshold: format.percent(threshold),
              right: format.number(right),
              count: format.number(count),
            })}{" "}
            <span className="muted small">
              {t("trust.interval", { low: format.percent(low), high: format.percent(high) })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
