// The keys a person chose instead of the usual ones, by the command's name.

export type Keymap = Readonly<Record<string, string>>;
export const NO_KEYMAP: Keymap = {};
