import { describe, expect, it } from 'vitest';
import { columnsOf, usesColor, type Io, type OutputStream } from '../../../src/cli/io.ts';

const stream = (fields: Partial<OutputStream>) => fields as OutputStream;

describe('a stream', () => {
  it('is as wide as its terminal, within reason, and of a common width where it is none', () => {
    expect([undefined, 10, 80, 200].map((columns) => columnsOf(stream(columns ? { columns } : {})))).toEqual([
      100, 40, 80, 200,
    ]);
  });

  it('has colours only for people who want them', () => {
    const colored = (isTTY: boolean, env: Io['env']) => usesColor({ env } as Io, stream({ isTTY }));
    expect(colored(true, {})).toBe(true);
    expect(colored(true, { NO_COLOR: '' })).toBe(true);
    expect(colored(true, { NO_COLOR: '1' })).toBe(false);
    expect(colored(true, { TERM: 'dumb' })).toBe(false);
    expect(colored(false, {})).toBe(false);
  });
});
