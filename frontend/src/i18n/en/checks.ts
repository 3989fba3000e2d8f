// Planted checks: told to who accepted one, and in short to reviewers.
export const checks = {
  "check.said":
    "A suggestion that you accepted was a check: “{head}” → {type} → “{tail}” came from us, not from the model.",
  "check.here":
    "Take the triple out and submit again, or keep it if the sentence does say so. Until then the sentence does not count.",
  "check.there": "Until you have looked at it again, the sentence does not count.",
  "check.keep": "Keep it: the sentence says so",
  "check.open": "Look at the sentence",
  "check.title": "Planted checks",
  "check.none": "None submitted yet: up to {percent} of the suggestions hold one wrong triple.",
  "check.rate":
    "{accepted} of {shown} planted wrong triples were accepted at first: {percent} (95 % interval {low} to {high}).",
  "check.triple": "“{head}” → {type} → “{tail}”",
  "check.outcome.open": "not submitted yet",
  "check.outcome.refused": "refused",
  "check.outcome.accepted": "accepted, the sentence is held back",
  "check.outcome.removed": "taken out afterwards",
  "check.outcome.confirmed": "kept knowingly",
  "sampling.planted": "Planted checks",
  "sampling.planted_hint":
    "Per cent of the sentences with a suggestion that get one wrong triple in it, at most 5. Tell everyone before you switch this on: who accepts one is told at once, and the sentence counts only when it was taken out or kept knowingly.",
};
