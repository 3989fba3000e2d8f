// How far the chances of a version can be believed.
export const trust = {
  "trust.title": "How far can it be believed?",
  "trust.title_of": "Version {number}: how far can it be believed?",
  "trust.lead":
    "Chances are calibrated on sentences with known labels; every sentence here was judged without having been looked at for it.",
  "trust.kind": "Of what",
  "trust.kind.relation": "Triples",
  "trust.kind.entity": "Entities",
  "trust.reliability": "What was said, and what came true",
  "trust.diagram":
    "Reliability diagram: the closer to the dotted line, the more honest; the table has the same numbers",
  "trust.table": "The reliability diagram as a table",
  "trust.said": "Chance said",
  "trust.true": "Came true",
  "trust.count": "Statements",
  "trust.lean": "In words",
  "trust.too_sure": "too sure",
  "trust.too_modest": "too modest",
  "trust.honest": "about right",
  "trust.words": "When the model says {said}, it is right {right} times in 100.",
  "trust.off":
    "On average its chances are {after} points off; before calibration they were {before}.",
  "trust.luck": "On so few statements, luck alone makes {points} points.",
  "trust.thresholds": "From where on to accept",
  "trust.no_thresholds": "No suggestion was sure enough to tell.",
  "trust.at_least": "At {threshold} and above, {right} of {count} were right",
  "trust.interval": "(95 % interval {low} to {high})",
  "trust.by_type": "By type",
  "trust.type": "Type",
  "trust.ece": "Points off",
  "trust.before": "Before",
  "trust.by_luck": "By luck alone",
  "trust.few": "few: says little",
  "trust.nothing_said": "The model said nothing of this kind.",
  "trust.too_few": "Fewer than {n} statements: the chances are the model’s own, not calibrated.",
  "trust.auroc":
    "Of a sentence with an error and one without, the expected errors name the right one {share} of the time.",
  "trust.none.measured_on_training":
    "This version was measured on its own training sentences, which says nothing about its chances. Label the hold-out and train again.",
  "trust.none.not_measured": "This version is older than the measurement. Train again to see it.",
  "trust.link": "Can it be believed?",
};
