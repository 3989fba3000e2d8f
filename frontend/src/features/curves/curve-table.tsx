// Every point of the curve in a table, for those who read rather than look.
import { useI18n } from "@/i18n/context";
import type { Plot } from "./plot";

export function CurveTable({ plot }: { readonly plot: Plot }) {
  const { t, format } = useI18n();
  return (
    <details className="curve-table">
      <summary>{t("curves.table")}</summary>
      <div className="table-wrap">
        <table>
          <caption className="visually-hidden">{t("curves.table")}</caption>
          <thead>
            <tr>
              {(["version", "series", "labels", "hours", "triple_f1", "entity_f1"] as const).map(
                (name) => (
                  <th key={name} scope="col">
                    {t(`curves.column.${name}`)}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {plot.series.flatMap((one) =>
              one.points.map(({ said }) => (
                <tr key={said.version}>
                  <th scope="row">{said.number}</th>
                  <td>{one.name}</td>
                  <td className="numbers">{format.number(said.labels)}</td>
                  <td className="numbers">{format.duration(said.hours * 3600)}</td>
                  <td className="numbers">{format.score(said.triple_f1)}</td>
                  <td className="numbers">{format.score(said.entity_f1)}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </div>
    </details>
  );
}
