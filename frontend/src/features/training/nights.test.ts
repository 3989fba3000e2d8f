import { describe, expect, test } from "vitest";
import { nightHours } from "./nights";

const WINTER = new Date("2026-01-15T18:30:00Z");
const SUMMER = new Date("2026-07-15T18:30:00Z");

const here = (day: Date, zone: string, utc: number) =>
  nightHours(day, zone).find(({ value }) => value === String(utc))?.label;

describe("the hours of the night", () => {
  test("are told in the time of the place, in summer and in winter", () => {
    expect(here(WINTER, "UTC", 2)).toBe("02:00");
    expect(here(WINTER, "Asia/Shanghai", 18)).toBe("02:00");
    expect(here(WINTER, "Europe/Berlin", 1)).toBe("02:00");
    expect(here(SUMMER, "Europe/Berlin", 0)).toBe("02:00");
  });

  test("keep the half hours of places that have them", () => {
    expect(here(WINTER, "Asia/Kolkata", 20)).toBe("01:30");
  });

  test("begin with midnight here, and each is there once", () => {
    const hours = nightHours(WINTER, "Asia/Shanghai");
    expect(hours[0]).toEqual({ value: "16", label: "00:00" });
    expect(new Set(hours.map(({ value }) => value)).size).toBe(24);
    expect(hours.map(({ label }) => label)).toEqual(hours.map(({ label }) => label).sort());
  });
});
