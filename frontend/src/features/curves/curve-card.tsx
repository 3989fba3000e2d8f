// The learning curve with its switches, its legend, what a point says, and all of it as a table.
import { useState } from "react";
import type { Curves } from "@/api/types";
import { useI18n } from "@/i18n/context";
import { Card } from "@/ui/card";
import { Segments } from "@/ui/segments";
import { Chart } from "./chart";
import { CurveTable } from "./curve-table";
import { Sign } from "./mark";
import { plotOf } from "./plot";
import type { Measure, Over, Plot, PlotPoint } from "./plot";

function Legend({ plot, ahead }: { readonly plot: Plot; readonly ahead: number }) {
  const { t } = useI18n();
  return (
    <ul className="legend small">
      {plot.series.map((one, kind) => (
        <li key={one.name}>
          <Sign kind={kind} />
          {one.name}
        </li>
      ))}
      {plot.band.length === 0 ? null : (
        <li>
          <span className="band-sign" aria-hidden="true" />
          {t("curves.band", { n: ahead })}
        </li>
      )}
    </ul>
  );
}

export function CurveCard({ curves }: { readonly curves: Curves }) {
  const { t, format } = useI18n();
  const [over, setOver] = useState<Over>("labels");
  const [measure, setMeasure] = useState<Measure>("triple_f1");
  const [chosen, setChosen] = useState<number | null>(null);
  const speeds = { quick: t("training.speed.quick"), full: t("training.speed.full") };
  const plot = plotOf(curves, over, measure, speeds);
  const all = plot.series.flatMap((one) => one.points.map((point) => ({ point, name: one.name })));
  const leading = plot.series.find(({ leads }) => leads)?.points ?? [];
  const picked = all.some(({ point }) => point.said.version === chosen)
    ? chosen
    : (leading.at(-1)?.said.version ?? null);
  const words = ({ said }: PlotPoint, name: string) =>
    t("curves.point", {
      number: said.number,
      measure: t(`metric.${measure}`),
      f1: format.score(said[measure]),
      labels: said.labels,
      imported: said.imported === 0 ? "" : t("curves.imported", { n: said.imported }),
      hours: format.duration(said.hours * 3600),
      sentences: said.measured_sentences,
      name,
    });
  const said = all.find(({ point }) => point.said.version === picked);
  return (
    <Card title={t("curves.curve")} testId="curve-card">
      {said === undefined ? (
        <p className="muted">{t("curves.none")}</p>
      ) : (
        <div className="stack">
          <div className="curve-switches">
            <Segments
              label={t("curves.measure")}
              value={measure}
              options={(["triple_f1", "entity_f1"] as const).map((value) => ({
                value,
                label: t(`metric.${value}`),
              }))}
              onChoose={setMeasure}
            />
            <Segments
              label={t("curves.over")}
              value={over}
              options={(["labels", "hours"] as const).map((value) => ({
                value,
                label: t(`curves.over.${value}`),
              }))}
              onChoose={setOver}
            />
          </div>
          <Chart
            plot={plot}
            title={t("curves.title_of", { measure: t(`metric.${measure}`) })}
            across={t(`curves.axis.${over}`)}
            picked={picked}
            words={words}
            tick={format.number}
            share={format.share}
            onPick={setChosen}
          />
          <Legend plot={plot} ahead={curves.forecast.ahead} />
          <p className="curve-said" aria-live="polite" data-testid="curve-said">
            {words(said.point, said.name)}
          </p>
          <CurveTable plot={plot} />
        </div>
      )}
    </Card>
  );
}
