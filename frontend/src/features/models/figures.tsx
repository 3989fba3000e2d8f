// An F1 with its interval, and a difference with whether it is more than luck.
import type { Figure, Gap } from "@/api/types";
import { useI18n } from "@/i18n/context";

interface F1Props {
  readonly figure: Figure;
  readonly isFaint?: boolean;
}

export function F1({ figure, isFaint = false }: F1Props) {
  const { t, format } = useI18n();
  const { f1, low, high } = figure;
  if (f1 === null) return <>–</>;
  const place = {
    "--low": `${(low ?? f1) * 100}%`,
    "--width": `${((high ?? f1) - (low ?? f1)) * 100}%`,
    "--f1": `${f1 * 100}%`,
  };
  return (
    <div className={isFaint ? "f1 f1-faint" : "f1"}>
      <b className="numbers">{format.score(f1)}</b>
      <span className="f1-track" style={place} aria-hidden="true" />
      {low === null || high === null ? null : (
        <span className="small muted numbers" title={t("room.interval_means")}>
          {t("room.interval", { low: format.share(low), high: format.share(high) })}
        </span>
      )}
    </div>
  );
}

export function GapText({ gap }: { readonly gap: Gap }) {
  const { t, format } = useI18n();
  const signed = (value: number) =>
    `${value > 0 ? "+" : value < 0 ? "−" : "±"}${format.share(Math.abs(value))}`;
  const tone = gap.difference > 0 ? "badge badge-good" : "badge badge-bad";
  return (
    <div className="gap">
      <span className="numbers">
        {t("room.gap", {
          difference: signed(gap.difference),
          low: signed(gap.low),
          high: signed(gap.high),
        })}
      </span>{" "}
      <span className={gap.is_significant ? tone : "badge"}>
        {t(`room.significant.${gap.is_significant ? "yes" : "no"}`)}
      </span>
    </div>
  );
}
