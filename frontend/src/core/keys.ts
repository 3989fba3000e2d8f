// One name for a key press, whatever the keyboard layout; nothing while an input method is composing.

export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly isComposing: boolean;
  readonly keyCode: number;
}

const COMPOSING = 229;
const NAMED: Readonly<Record<string, string>> = { " ": "Space", Spacebar: "Space", Del: "Delete" };

/** The key without its modifiers: letters and digits by their place where the layout is not Latin. */
function bareKey({ key, code }: KeyPress): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit !== undefined && !/^[a-z]$/i.test(key)) return digit;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const isLatin = /^[\x21-\x7e]$/.test(key);
  if (letter !== undefined && !isLatin) return letter.toLowerCase();
  return NAMED[key] ?? (key.length === 1 ? key.toLowerCase() : key);
}

/** "a", "Shift+A" is "Shift+a", "Ctrl+Shift+z", "Shift+ArrowLeft"; null when it is not for us. */
export function keyName(press: KeyPress): string | null {
  if (press.isComposing || press.keyCode === COMPOSING || press.altKey) return null;
  if (["Shift", "Control", "Alt", "Meta", "Process", "Dead"].includes(press.key)) return null;
  const key = bareKey(press);
  const isSign = key.length === 1 && !/[a-z0-9]/.test(key);
  const parts = [
    ...(press.ctrlKey || press.metaKey ? ["Ctrl"] : []),
    ...(press.shiftKey && !isSign ? ["Shift"] : []),
    key,
  ];
  return parts.join("+");
}
