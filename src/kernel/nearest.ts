/** The edit distance of Levenshtein, by Wagner and Fischer's table kept as one row. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + cost));
    }
    row = next;
  }
  return row[b.length]!;
};

/** The known name nearest to a mistyped one, when it is near enough to be what was meant. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const candidateDistance = distance(name.toLowerCase(), candidate.toLowerCase());
    if (candidateDistance < bestDistance) {
      best = candidate;
      bestDistance = candidateDistance;
    }
  }
  return best;
};

/** A hint for a mistyped name: the nearest known one, or the whole list. */
export const didYouMean = (name: string, known: readonly string[]): string => {
  const guess = nearest(name, known);
  return guess === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${guess}"?`;
};
