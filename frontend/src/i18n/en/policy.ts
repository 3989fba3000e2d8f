// When training starts by itself, and why it does not.
export const policy = {
  "policy.title": "Training by itself",
  "policy.automatic": "Train by itself when enough is new",
  "policy.wanted": "After new gold sentences",
  "policy.minutes": "Or minutes after the first of them (from 5 on)",
  "policy.nightly": "A full training every night",
  "policy.never": "Never",
  "policy.labels": "Learn from",
  "policy.labels.gold": "Gold only",
  "policy.labels.submitted": "Submitted sentences, too",
  "policy.save": "Save",
  "policy.saved": "Saved.",
  "policy.why.running":
    "A training is under way; what is labelled meanwhile counts for the next one.",
  "policy.why.queued": "A training waits for a free worker.",
  "policy.why.queued_behind": "A training is under way, and one waits behind it.",
  "policy.why.no_worker":
    "No worker answers, so nothing can be trained. Start one, or look at its log.",
  "policy.why.nothing_to_learn":
    "There is nothing to learn from yet: a gold sentence in the pool, and one to measure with.",
  "policy.why.refused": "It cannot train as things are set. {reason}",
  "policy.why.off":
    "Training by itself is off: a training begins when somebody asks for it. New since the last one: {n}.",
  "policy.why.failed_backing_off":
    "The last training failed; it is tried again in {minutes} {minutes|minute|minutes}.",
  "policy.why.cancelled": "The last training was cancelled and nothing new has come since.",
  "policy.why.just_trained": "It has learnt from everything that there is.",
  "policy.why.waiting_for_labels": "It waits for labels: {n} of {wanted} new gold sentences.",
  "policy.why.waiting_for_time":
    "{n} of {wanted} new gold sentences; it begins in {minutes} {minutes|minute|minutes} at the latest.",
  "policy.why.enough_labels": "Enough is new: a training begins within seconds.",
  "policy.why.time_is_up": "The time is up: a training begins within seconds.",
  "policy.why.schema_changed": "The types have changed: a training begins within seconds.",
  "policy.why.nightly": "It is the hour of the full training: it begins within seconds.",
};
