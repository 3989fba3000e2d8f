// Which sentences come by chance, which suggestions are hidden, and what that tells.
export const sampling = {
  "blind.hidden": "Suggestions are hidden for this sentence, to measure how much they sway.",
  "blind.shown_now": "Suggestions were hidden until you submitted.",
  "sampling.title": "Chosen by chance",
  "sampling.control": "Random sentences",
  "sampling.control_hint":
    "Per cent of the queue that comes at random, so that progress is measured honestly.",
  "sampling.blind": "Hidden suggestions",
  "sampling.blind_hint":
    "Per cent of the sentences whose suggestion is hidden until they are submitted, at most 50.",
  "sampling.save": "Save",
  "sampling.saved": "Saved.",
  "bias.title": "Do suggestions sway?",
  "bias.none":
    "Nothing to compare yet: a share of {percent} of the suggestions is hidden until the sentence is submitted.",
  "bias.off": "Nothing to compare: no suggestions are hidden in this project.",
  "bias.said":
    "With suggestions shown, labels agree with the model by {shown}; hidden, by {hidden}.",
  "bias.numbers":
    "Triple F1 against the suggestion, {shown} {shown|sentence|sentences} with and {hidden} without.",
  "bias.measure": "Measure",
  "bias.difference": "Difference",
  "bias.triples": "Triples",
  "bias.entities": "Entities",
  "bias.seconds": "Median time",
  "bias.with": "Shown",
  "bias.without": "Hidden",
  "bias.interval": "{value} ({low} to {high})",
  "bias.few": "Still few: the interval is wide.",
  "bias.clear": "People agree with the model more when they see what it says.",
  "bias.unclear": "So far no clear difference: the interval includes zero.",
  "bias.less": "People agree with the model less when they see what it says.",
  "bias.caption": "Agreement with the model, with 95 % intervals of the difference",
};
