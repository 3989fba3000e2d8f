// How to label in a project: the page and the panel beside the sentence.
export const guidelines = {
  "guidelines.title": "Guidelines",
  "guidelines.lead": "What is labelled in this project, and how.",
  "guidelines.version": "What is labelled in this project, and how. Version {n}.",
  "guidelines.contents": "Contents",
  "guidelines.general": "In general",
  "guidelines.nothing": "Nothing is written here yet.",
  "guidelines.edit": "Edit",
  "guidelines.preview": "Preview",
  "guidelines.markdown_hint":
    "Markdown: ## heading, * list, **bold**, [link](https://…), | tables |. HTML and pictures are not shown.",
  "guidelines.conflict":
    "Somebody else saved meanwhile, and {n} {n|part was|parts were} changed by both of you. Both texts are kept: decide for each.",
  "guidelines.joined":
    "Somebody else saved meanwhile. Their changes are joined with yours; save again.",
  "guidelines.theirs": "What the other wrote",
  "guidelines.removed": "(the part was emptied)",
  "guidelines.keep_mine": "Keep mine",
  "guidelines.take_theirs": "Take theirs",
  "guidelines.take_both": "Keep both",
  "guidelines.whole": "All guidelines",
};
