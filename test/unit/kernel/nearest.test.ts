import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../../../src/kernel/nearest.ts';

const NAMES = ['none', 'setnx', 'token', 'read-modify-write', 'lua', 'aside'];

describe('nearest', () => {
  it('finds what was meant by a slip of the finger', () => {
    const slips = { setnz: 'setnx', tokne: 'token', LUA: 'lua', lau: 'lua', 'read-modfy-write': NAMES[3] };
    for (const [slip, meant] of Object.entries(slips)) expect(nearest(slip, NAMES)).toBe(meant);
  });

  it('finds nothing in names that have little in common', () => {
    for (const name of ['redlock', 'x', 'xy', 'optimistic', '']) expect(nearest(name, NAMES)).toBeUndefined();
    expect(nearest('lua', [])).toBeUndefined();
  });

  it('finds a name itself, and a long name with one letter changed, added, or left out', () => {
    const name = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(name, fc.nat(11), fc.constantFrom('change', 'add', 'leave out'), (known, at, slip) => {
        const index = at % known.length;
        const [before, letter, after] = [known.slice(0, index), known[index]!, known.slice(index + 1)];
        const typed = before + { change: '-', add: `${letter}-`, 'leave out': '' }[slip] + after;
        expect(nearest(known, [known])).toBe(known);
        expect(nearest(typed, [known])).toBe(known);
      }),
    );
  });

  it('prefers the nearer of two', () => {
    expect(nearest('tokens', ['taken', 'token'])).toBe('token');
  });
});

describe('didYouMean', () => {
  it('guesses, or names all there is', () => {
    expect(didYouMean('tokn', NAMES)).toBe('Did you mean "token"?');
    expect(didYouMean('paxos', ['none', 'lua'])).toBe('Known: none, lua.');
  });
});
