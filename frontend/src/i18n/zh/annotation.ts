// To be filled.
export const annotation = {};
