// The person's own settings.
export const settings = {
  "settings.title": "Your settings",
  "settings.lead": "They go with your account: every browser that you log in with follows them.",
  "settings.look": "Language and appearance",
  "settings.language.zh": "Chinese (Simplified)",
  "settings.language.en": "English",
  "settings.density": "Spacing",
  "settings.density.comfortable": "Comfortable",
  "settings.density.compact": "Compact",
  "settings.font_size": "Size of the sentence",
  "settings.pixels": "{n} px",
  "settings.suggestions": "Show suggestions when a sentence is opened",
  "settings.suggestions_hint":
    "Without them you read each sentence with fresh eyes first; a key shows them at any time.",
  "settings.keys_hint":
    "Click a key, then press the one you would like instead; Esc leaves it as it is. Keys that a project gives to its types come first wherever a type can be chosen.",
  "settings.press_key": "Press a key…",
  "settings.press_key_for": "Press a key for “{command}”",
  "settings.change_key": "{command}: {key}. Change the key",
  "settings.reset": "Reset",
  "settings.reset_key": "Reset the key of “{command}”",
  "settings.reset_all": "Reset all",
  "settings.clash.command":
    "“{key}” already belongs to “{other}”. Choose another key for “{command}”.",
  "settings.clash.digits":
    "Digits pick entities by their number. Choose another key for “{command}”.",
  "settings.clash.reserved":
    "The browser or the editor needs “{key}” itself. Choose another key for “{command}”.",
};
