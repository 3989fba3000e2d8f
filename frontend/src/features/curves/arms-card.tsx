// Sentences chosen by doubt beside sentences chosen by chance: what either takes and finds.
import type { Curves } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";

type Arm = NonNullable<Curves["arms"]["sampled"]>;

const ROWS = ["count", "seconds", "expected", "corrections", "rate"] as const;

export function ArmsCard({ curves }: { readonly curves: Curves }) {
  const { t, format } = useI18n();
  const { sampled, control, difference, control_share } = curves.arms;
  const spell = (arm: Arm | null, row: (typeof ROWS)[number]) => {
    if (arm === null) return t("advice.nothing");
    if (row === "count") return format.number(arm.count);
    if (row === "seconds") return format.duration(arm.seconds);
    if (row !== "rate") return format.share(arm[row]);
    if (arm.rate === null) return t("advice.nothing");
    const [value, low, high] = [arm.rate.value, arm.rate.low, arm.rate.high].map((rate) =>
      format.number(Math.round(rate)),
    );
    return t("arms.interval", { value: value ?? "", low: low ?? "", high: high ?? "" });
  };
  const verdict = () => {
    if (curves.advice.choosing === "unknown")
      return t("arms.few", { n: curves.advice.enough_each });
    if (difference === null || (difference.low <= 0 && difference.high >= 0)) {
      return t("arms.unclear");
    }
    return t(difference.low > 0 ? "arms.better" : "arms.worse");
  };
  return (
    <Card title={t("arms.title")} testId="arms-card">
      {sampled === null && control === null ? (
        <p className="muted">
          {control_share === 0
            ? t("arms.off")
            : t("arms.none", { percent: format.percent(control_share) })}
        </p>
      ) : (
        <div className="stack">
          <p data-testid="arms-said">{verdict()}</p>
          <div className="table-wrap">
            <table className="arms-table">
              <caption className="visually-hidden">{t("arms.caption")}</caption>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="visually-hidden">{t("arms.measure")}</span>
                  </th>
                  <th scope="col">{t("arms.sampled")}</th>
                  <th scope="col">{t("arms.control")}</th>
                </tr>
              </thead>
              <tbody>
                {ROWS.map((row) => (
                  <tr key={row}>
                    <th scope="row">{t(`arms.row.${row}`)}</th>
                    <td>{spell(sampled, row)}</td>
                    <td>{spell(control, row)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="muted small">{t("arms.note")}</p>
        </div>
      )}
    </Card>
  );
}
