// Numbers, shares, durations and moments in the manner of a locale.

export interface Formatters {
  readonly number: (value: number) => string;
  readonly percent: (share: number) => string;
  /** A chance with two digits, as 0.51. */
  readonly share: (value: number) => string;
  /** One digit after the point. */
  readonly tenth: (value: number) => string;
  readonly score: (value: number | null | undefined) => string;
  readonly moment: (iso: string) => string;
  readonly duration: (seconds: number) => string;
}

function duration(locale: string): (seconds: number) => string {
  const unit = (name: "second" | "minute" | "hour") =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: 0,
    });
  const [seconds, minutes, hours] = [unit("second"), unit("minute"), unit("hour")];
  return (value) => {
    const whole = Math.max(0, Math.round(value));
    if (whole < 60) return seconds.format(whole);
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    if (h > 0) return m === 0 ? hours.format(h) : `${hours.format(h)} ${minutes.format(m)}`;
    return s === 0 ? minutes.format(m) : `${minutes.format(m)} ${seconds.format(s)}`;
  };
}

export function formatters(locale: string): Formatters {
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const shares = new Intl.NumberFormat(locale, two);
  const tenths = new Intl.NumberFormat(locale, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  return {
    number: (value) => value.toLocaleString(locale),
    percent: (share) => percent.format(share),
    share: (value) => shares.format(value),
    tenth: (value) => tenths.format(value),
    score: (value) => (typeof value === "number" ? value.toFixed(3) : "–"),
    moment: (iso) => moment.format(new Date(iso)),
    duration: duration(locale),
  };
}
