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
  "policy.why.nothing_to_learn": "There is no labelled sentence to learn from yet.",
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
  "policy.speed": "Automatic trainings are",
  "policy.nightly_hint":
    "Your time ({zone}). A night that no worker was up for is made up for later.",
  "policy.failed": "The last training failed: {reason} ({code})",
  "policy.from.next": "The next training ({speed}) goes on from version {number}.",
  "policy.from.run": "The training goes on from version {number}.",
  "policy.begins.next": "The next training ({speed}) begins anew, because {why}.",
  "policy.begins.run": "The training begins anew, because {why}.",
  "policy.anew.no_version": "no version is active",
  "policy.anew.full": "a full training always does",
  "policy.anew.other_make": "the active version has another model, encoder, schema or measure",
  "policy.anew.grown": "the labels have grown by half",
  "policy.why.submitted_only":
    "Submitted sentences train but measure nothing: at least one sentence must be gold.",
  "policy.why.refused": "No training is possible: {refusal}",
};
