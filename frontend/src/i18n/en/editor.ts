// To be filled.
export const editor = {};
