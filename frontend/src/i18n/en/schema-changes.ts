// Changing types over all labels, and how types look.
export const schemaChanges = {
  "change.open": "Change types in all labels",
  "change.title": "Change types in all labels",
  "change.lead":
    "Labels, gold and suggestions follow. Nothing happens before you have seen what it does.",
  "change.kind": "What to do",
  "change.kind.rename": "Rename",
  "change.kind.merge": "Merge into another type",
  "change.kind.split": "Split off a part",
  "change.kind.reverse": "Reverse the direction",
  "change.of": "Of which types",
  "change.from": "Type",
  "change.into_type": "Becomes",
  "change.into_name": "New name",
  "change.extend": "Allow it wherever one of them could stand",
  "change.surfaces": "Only these strings, one a line",
  "change.any": "Any",
  "change.head_type": "Only with this type of subject",
  "change.tail_type": "Only with this type of object",
  "change.preview": "Preview",
  "change.apply": "Apply to {n} {n|sentence|sentences}",
  "change.counts":
    "{sentences} {sentences|sentence|sentences}: {entities} {entities|entity|entities} and {relations} {relations|relation|relations} change.",
  "change.collapsed":
    "{n} {n|label says|labels say} then what another one says and {n|falls|fall} together with it.",
  "change.suggestions": "The model's suggestions are changed as well.",
  "change.history":
    "Each label gets a new version; the history keeps the old words. Models go on suggesting in the new ones.",
  "change.done": "Done in {n} {n|sentence|sentences}.",
  "looks.title": "How the types look, in light and in dark",
  "looks.alike": "{one} and {other} are hard to tell apart by colour.",
  "looks.faint": "The colour of {one} is faint on white.",
  "looks.command": "{key}, the key of {one}, is also the key of a command.",
};
