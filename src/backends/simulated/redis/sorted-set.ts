export interface ScoredMember {
  readonly member: string;
  readonly score: number;
}

/** Negative when `a` comes first: by score, then by member. */
const order = (a: ScoredMember, b: ScoredMember): number => {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  if (a.member === b.member) return 0;
  return a.member < b.member ? -1 : 1;
};

/** Members with scores, in order of the scores. A change costs a copy of the part behind it. */
export class SortedSet {
  readonly #scores = new Map<string, number>();
  readonly #ranked: ScoredMember[] = [];

  get size(): number {
    return this.#ranked.length;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  set(member: string, score: number): void {
    const present = this.#scores.get(member);
    if (present === score) return;
    if (present !== undefined) this.#ranked.splice(this.#rank({ member, score: present }), 1);
    this.#scores.set(member, score);
    this.#ranked.splice(this.#rank({ member, score }), 0, { member, score });
  }

  delete(member: string): boolean {
    const score = this.#scores.get(member);
    if (score === undefined) return false;
    this.#ranked.splice(this.#rank({ member, score }), 1);
    return this.#scores.delete(member);
  }

  /** The members from rank `start` up to, not with, `end`. */
  slice(start: number, end: number): ScoredMember[] {
    return this.#ranked.slice(start, end);
  }

  /** How many members have a score below `score`; with `orEqual`, at most `score`. */
  countBelow(score: number, orEqual: boolean): number {
    return this.#search((item) => item.score < score || (orEqual && item.score === score));
  }

  #rank(item: ScoredMember): number {
    return this.#search((other) => order(other, item) < 0);
  }

  /** How many members, from the first on, `isBefore` holds for. */
  #search(isBefore: (item: ScoredMember) => boolean): number {
    let low = 0;
    let high = this.#ranked.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#ranked[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
