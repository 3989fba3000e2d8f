// The reliability diagram: what was said against what came true, and the same numbers as a table.
import type { TrustBin } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { leanOf } from "./said";

const SIZE = 300;
const LEFT = 44;
const FOOT = 40;
const HEAD = 10;
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const x = (share: number) => LEFT + share * (SIZE - LEFT - 10);
const y = (share: number) => SIZE - FOOT - share * (SIZE - FOOT - HEAD);

interface BinsProps {
  readonly bins: readonly TrustBin[];
}

function Diagram({ bins }: BinsProps) {
  const { t, format } = useI18n();
  const most = Math.max(...bins.map(({ count }) => count), 1);
  return (
    <svg viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={t("trust.diagram")}>
      {TICKS.map((tick) => (
        <g key={tick}>
          <path className="grid" d={`M${x(0)} ${y(tick)}H${x(1)}`} />
          <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
            {format.percent(tick)}
          </text>
          <text x={x(tick)} y={SIZE - FOOT + 16} textAnchor="middle">
            {format.percent(tick)}
          </text>
        </g>
      ))}
      <path className="ideal" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
      {bins.map((bin) => (
        <g key={bin.low} className={`bin ${leanOf(bin)}`}>
          <path d={`M${x(bin.mean_chance)} ${y(bin.mean_chance)}V${y(bin.share_right)}`} />
          <circle
            cx={x(bin.mean_chance)}
            cy={y(bin.share_right)}
            r={4 + 6 * Math.sqrt(bin.count / most)}
          />
        </g>
      ))}
      <text x={x(0.5)} y={SIZE - 6} textAnchor="middle">
        {t("trust.said")}
      </text>
    </svg>
  );
}

export function Reliability({ bins }: BinsProps) {
  const { t, format } = useI18n();
  return (
    <div className="reliability">
      <Diagram bins={bins} />
      <div className="table-wrap" role="region" aria-label={t("trust.table")} tabIndex={0}>
        <table>
          <caption className="visually-hidden">{t("trust.table")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("trust.said")}</th>
              <th scope="col" className="right">
                {t("trust.true")}
              </th>
              <th scope="col" className="right">
                {t("trust.count")}
              </th>
              <th scope="col">{t("trust.lean")}</th>
            </tr>
          </thead>
          <tbody>
            {bins.map((bin) => (
              <tr key={bin.low}>
                <th scope="row">{format.percent(bin.mean_chance)}</th>
                <td className="right">{format.percent(bin.share_right)}</td>
                <td className="right">{format.number(bin.count)}</td>
                <td>{t(`trust.${leanOf(bin)}`)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
