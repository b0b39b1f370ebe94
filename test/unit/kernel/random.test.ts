import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/kernel/random.ts';

const first = (count: number, ...seed: number[]): number[] => {
  const random = new SeededRandom(...seed);
  return Array.from({ length: count }, () => random.next());
};

/** Pearson's statistic of `counts` against equal shares. */
const chiSquared = (counts: readonly number[]): number => {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

/** What 99 degrees of freedom exceed once in a million times. */
const CHI_SQUARED_99_LIMIT = 180;

const seeds = fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 3 });

describe('SeededRandom', () => {
  it('repeats itself for the same seed, also after a reseed', () => {
    fc.assert(
      fc.property(seeds, fc.maxSafeInteger(), (seed, other) => {
        const random = new SeededRandom(other);
        random.next();
        random.reseed(...seed);
        expect(Array.from({ length: 20 }, () => random.next())).toEqual(first(20, ...seed));
      }),
    );
  });

  it('differs for seeds that differ', () => {
    const notable = [0, 1, -1, 2, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 40, -(2 ** 40), Number.MAX_SAFE_INTEGER];
    const sequences = notable.map((seed) => first(4, seed).join());
    expect(new Set(sequences).size).toBe(notable.length);
    expect(first(4, 1, 2)).not.toEqual(first(4, 2, 1));
    expect(first(4, 1)).not.toEqual(first(4, 1, 0));
  });

  it('takes -0 for 0', () => {
    expect(first(4, -0)).toEqual(first(4, 0));
  });

  it('gives each of a million iterations a sequence of its own', () => {
    const random = new SeededRandom();
    const states = new Set<string>();
    for (let iteration = 0; iteration < 1_000_000; iteration += 10) {
      random.reseed(7, iteration);
      states.add(`${random.next()} ${random.next()}`);
    }
    expect(states.size).toBe(100_000);
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 2 ** 32 }), (seed, below) => {
        const random = new SeededRandom(...seed);
        for (let draw = 0; draw < 50; draw += 1) {
          const real = random.next();
          expect(real >= 0 && real < 1).toBe(true);
          const integer = random.integer(below);
          expect(Number.isInteger(integer) && integer >= 0 && integer < below).toBe(true);
        }
      }),
    );
  });

  it('is uniform within one sequence', () => {
    const counts = Array.from({ length: 100 }, () => 0);
    const random = new SeededRandom(1);
    for (let draw = 0; draw < 100_000; draw += 1) counts[random.integer(100)]! += 1;
    expect(chiSquared(counts)).toBeLessThan(CHI_SQUARED_99_LIMIT);
  });

  it('is uniform over the first draws of neighbouring iterations, and in pairs of draws', () => {
    const firsts = Array.from({ length: 100 }, () => 0);
    const pairs = Array.from({ length: 100 }, () => 0);
    const random = new SeededRandom();
    for (let iteration = 0; iteration < 100_000; iteration += 1) {
      random.reseed(1, iteration);
      firsts[random.integer(100)]! += 1;
      random.reseed(1, iteration);
      pairs[random.integer(10) * 10 + random.integer(10)]! += 1;
    }
    expect(chiSquared(firsts)).toBeLessThan(CHI_SQUARED_99_LIMIT);
    expect(chiSquared(pairs)).toBeLessThan(CHI_SQUARED_99_LIMIT);
  });
});
