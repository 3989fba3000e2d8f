// The model's confidence in a sentence, for people: a share, and the mistakes it stands for. Pure.

export interface Doubt {
  /** In whole percent; 0 stands for "below one". */
  readonly percent: number;
  /** Mistakes that the model expects in its own suggestion; 0 for hardly any. */
  readonly mistakes: number;
}

const MOST = 99;

/** What a confidence means: it is e to the power of minus the expected mistakes. */
export function doubtOf(confidence: number): Doubt {
  const mistakes = confidence > 0 ? Math.min(MOST, Math.round(Math.log(1 / confidence))) : MOST;
  return { percent: Math.floor(confidence * 100), mistakes };
}
