// The calibration error of each type; types with few statements say little.
import type { TrustKind } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { typesOf } from "./said";

interface TypeTableProps {
  readonly kind: TrustKind;
  readonly fewest: number;
}

function Points({ share }: { readonly share: number | null | undefined }) {
  const { format } = useI18n();
  return <td className="right">{share == null ? "–" : format.tenth(100 * share)}</td>;
}

export function TypeTable({ kind, fewest }: TypeTableProps) {
  const { t, format } = useI18n();
  const names = typesOf(kind);
  if (names.length === 0) return null;
  return (
    <Card title={t("trust.by_type")} testId="trust-types">
      <div className="table-wrap" role="region" aria-label={t("trust.by_type")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("trust.type")}</th>
              <th scope="col" className="right">
                {t("trust.count")}
              </th>
              {(["trust.ece", "trust.before", "trust.by_luck"] as const).map((head) => (
                <th scope="col" className="right" key={head}>
                  {t(head)}
                </th>
              ))}
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {names.map((name) => {
              const row = kind.by_type[name];
              if (row === undefined) return null;
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td className="right">{format.number(row.count)}</td>
                  <Points share={row.ece} />
                  <Points share={row.ece_before} />
                  <Points share={row.ece_by_luck} />
                  <td className="muted small">{row.count < fewest ? t("trust.few") : ""}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
