// The hour of the night is kept in UTC and chosen in the time of whoever looks.

export interface NightHour {
  /** The hour in UTC. */
  readonly value: string;
  /** The same moment here, as "03:00". */
  readonly label: string;
}

/** The 24 hours by the time that they are here on that day. */
export function nightHours(day: Date, zone?: string): readonly NightHour[] {
  const clock = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  const at = (hour: number) =>
    Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), hour);
  return Array.from({ length: 24 }, (_, hour) => ({
    value: String(hour),
    label: clock.format(at(hour)),
  })).sort((one, other) => one.label.localeCompare(other.label, "en"));
}

/** The name of the time zone here. */
export const zoneHere = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
