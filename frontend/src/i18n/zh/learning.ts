// To be filled.
export const learning = {};
