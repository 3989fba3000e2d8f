// What a letter that was not taken means for it: try again, or ask the person.
import { ApiError } from "@/api/client";

/** These say nothing about the letter itself: it may well be taken later. */
const PASSING: readonly string[] = ["not_authenticated", "throttled", "authentication_failed"];

export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.status >= 500 || error.status === 401 || PASSING.includes(error.code);
}

/** Has the server no room for it? */
export function isFull(error: unknown): boolean {
  return error instanceof ApiError && error.code === "disk_full";
}
