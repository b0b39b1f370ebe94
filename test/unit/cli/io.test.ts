import { describe, expect, it } from 'vitest';
import {
  canRedraw,
  columnsOf,
  processIo,
  usesColor,
  type Io,
  type OutputStream,
} from '../../../src/cli/io.ts';

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

  it('is written over only where it is a terminal that can do so', () => {
    const redrawn = (isTTY: boolean, env: Io['env']) => canRedraw({ env } as Io, stream({ isTTY }));
    expect(redrawn(true, { NO_COLOR: '1' })).toBe(true);
    expect(redrawn(true, { TERM: 'dumb' })).toBe(false);
    expect(redrawn(false, {})).toBe(false);
  });
});

it('tells of a crash before it is printed, and only as long as it is asked to', () => {
  let told = 0;
  const unlisten = processIo().onCrash(() => {
    told += 1;
  });
  const crash = () => process.emit('uncaughtExceptionMonitor', new Error('a defect'));
  crash();
  unlisten();
  crash();
  expect(told).toBe(1);
});
