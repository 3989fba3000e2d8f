// What is advised, in one sentence with its reason, and what each sign says; nothing is done by it.
import type { ReactNode } from "react";
import type { Curves } from "@/api/types";
import { useI18n } from "@/i18n/context";
import type { MessageKey } from "@/i18n/translate";
import { Card } from "@/ui/card";

const TONES = {
  continue: "badge badge-accent",
  stop: "badge badge-good",
  change_sampler: "badge badge-warn",
} as const;

/** Which way a sign points. */
const POINTS = {
  outlook: { unknown: "unknown", gain: "continue", maybe: "open", little: "stop" },
  stability: { unknown: "unknown", changing: "continue", stable: "stop" },
  choosing: {
    unknown: "unknown",
    better: "continue",
    no_better: "change_sampler",
    worse: "change_sampler",
  },
} as const;

type Way = "unknown" | "open" | "continue" | "stop" | "change_sampler";

/** F1 in points of a hundred, with its sign. */
function points(value: number, digits: (value: number) => string): string {
  const shown = digits(Math.abs(value) * 100);
  return value > 0 ? `+${shown}` : shown;
}

interface SignProps {
  readonly name: MessageKey;
  readonly way: Way;
  readonly children: ReactNode;
}

function SignRow({ name, way, children }: SignProps) {
  const { t } = useI18n();
  return (
    <li>
      <b>{t(name)}</b>
      <span>{children}</span>
      <span className="muted small">{t(`advice.way.${way}`)}</span>
    </li>
  );
}

function useForecastWords(curves: Curves) {
  const { format } = useI18n();
  const gain = curves.forecast.measures?.triple_f1.gain;
  const one = (value: number) => format.tenth(value);
  return {
    n: curves.forecast.ahead,
    low: gain === undefined ? "" : points(gain.low, one),
    high: gain === undefined ? "" : points(gain.high, one),
    needed: curves.forecast.fewest,
    rows: curves.advice.in_a_row,
    steady: format.share(curves.advice.steady),
  };
}

function Signs({ curves }: { readonly curves: Curves }) {
  const { t, format } = useI18n();
  const { advice, arms, stability } = curves;
  const words = useForecastWords(curves);
  const known = stability.slice(-advice.in_a_row).filter(({ kappa }) => kappa !== null);
  const last = stability.at(-1);
  const rates = [arms.sampled?.rate?.value, arms.control?.rate?.value];
  const [sampled, control] = rates.map((rate) =>
    rate === undefined ? t("advice.nothing") : format.number(Math.round(rate)),
  );
  return (
    <ul className="signs">
      <SignRow name="advice.sign.outlook" way={POINTS.outlook[advice.outlook]}>
        {advice.outlook === "unknown"
          ? t("advice.no_forecast", { n: curves.forecast.fewest })
          : t("advice.outlook", words)}
        {curves.forecast.wide ? ` ${t("advice.wide", { n: curves.forecast.points })}` : ""}
      </SignRow>
      <SignRow name="advice.sign.stability" way={POINTS.stability[advice.stability]}>
        {known.length === 0
          ? t("advice.no_stability")
          : t("advice.stability", {
              values: known.map(({ kappa }) => format.score(kappa)).join(" · "),
              ...words,
            })}
      </SignRow>
      {last?.expected_errors == null ? null : (
        <SignRow name="advice.sign.pool" way="open">
          {t("advice.pool", {
            now: format.share(last.expected_errors),
            before: format.share(last.expected_errors_before ?? 0),
          })}
        </SignRow>
      )}
      <SignRow name="advice.sign.choosing" way={POINTS.choosing[advice.choosing]}>
        {t("advice.choosing", { sampled: sampled ?? "", control: control ?? "" })}
      </SignRow>
    </ul>
  );
}

export function AdviceCard({ curves }: { readonly curves: Curves }) {
  const { t } = useI18n();
  const { advised, because } = curves.advice;
  const words = useForecastWords(curves);
  return (
    <Card title={t("advice.title")} testId="advice-card">
      <div className="stack">
        <p className="advice" data-testid="advice">
          <span className={TONES[advised]}>{t(`advice.action.${advised}`)}</span>{" "}
          {t(`advice.because.${because}`, words)}
        </p>
        <Signs curves={curves} />
        <p className="muted small">{t("advice.only")}</p>
      </div>
    </Card>
  );
}
