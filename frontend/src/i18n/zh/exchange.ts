// To be filled.
export const exchange = {};
