/**
 * The edit distance of two words: letters changed, added, left out, or swapped with their neighbour. Optimal string
 * alignment (Damerau 1964; table by Wagner and Fischer 1974), of which three rows are kept.
 */
const distance = (a: string, b: string): number => {
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const plain = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(swapped ? Math.min(plain, above[j - 2]! + 1) : plain);
    }
    [above, row] = [row, next];
  }
  return row[b.length]!;
};

/** The known name nearest to a mistyped one, when it is near enough to be what was meant. */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const candidateDistance = distance(name.toLowerCase(), candidate.toLowerCase());
    // A short name is within reach of every other one: they must have a letter in common.
    const related = candidateDistance < Math.max(name.length, candidate.length);
    if (related && candidateDistance < bestDistance) {
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
