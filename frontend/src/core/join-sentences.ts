// Pages of sentences as one list: a sentence that goes on on the next page is put together again.

interface Cut<Statement> {
  readonly sentence_id: number;
  readonly statements: readonly Statement[];
}

type Whole<Sentence, Statement> = Omit<Sentence, "statements"> & {
  readonly statements: Statement[];
};

export function joinSentences<Statement, Sentence extends Cut<Statement>>(
  pages: readonly { readonly results: readonly (Sentence & Cut<Statement>)[] }[],
): readonly Whole<Sentence, Statement>[] {
  const found = new Map<number, Whole<Sentence, Statement>>();
  for (const one of pages.flatMap(({ results }) => results)) {
    const before = found.get(one.sentence_id);
    if (before === undefined)
      found.set(one.sentence_id, { ...one, statements: [...one.statements] });
    else before.statements.push(...one.statements);
  }
  return [...found.values()];
}
