// The second factor: setting it up, entering with it, removing it.
export const secondFactor = {
  "factor.title": "Second factor",
  "factor.hint":
    "An app on your telephone shows a new code every half minute; with it, a stolen password opens nothing.",
  "factor.off": "Not set up.",
  "factor.on": "Set up. {n} recovery {n|code is|codes are} left.",
  "factor.begin": "Set it up",
  "factor.needed": "Your account may only be entered with a second factor. Set it up now.",
  "factor.scan": "Scan this picture with the app on your telephone, or type the letters below it.",
  "factor.picture": "The secret as a QR code",
  "factor.secret": "Letters to type instead",
  "factor.code": "Code",
  "factor.code_hint": "Six digits from your telephone, or one of the recovery codes.",
  "factor.confirm": "Confirm",
  "factor.codes":
    "Keep these recovery codes on paper. Each opens your account once when the telephone is not at hand; they are not shown again.",
  "factor.done": "I have them",
  "factor.remove": "Remove it",
  "factor.required": "Your role needs it, so it cannot be removed.",
};
