import { z } from 'zod';
import { sleep } from '../../kernel/clock.ts';
import type { Random } from '../../kernel/random.ts';
import type { Session } from '../journey.ts';

/** The options of a journey whose customers pause. */
export const thinkOptions = {
  thinkMs: z
    .number()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe('average pause after each look or step, in milliseconds'),
  think: z
    .enum(['constant', 'uniform', 'log-normal'])
    .default('uniform')
    .describe(
      'how pauses differ: not at all, evenly between half and one and a half times the average, or with the long tail that people have, cut at ten times the average (log-normal)',
    ),
};

export interface ThinkTime {
  readonly thinkMs: number;
  readonly think: 'constant' | 'uniform' | 'log-normal';
}

/** A customer's pause, drawn anew each time; ends at once when the run does. */
export const pause = async ({ clock, random, signal }: Session, time: ThinkTime): Promise<void> => {
  if (time.thinkMs > 0) await sleep(clock, time.thinkMs * DRAW[time.think](random), signal);
};

/** Of the logarithm: 31 % of the pauses are then longer than the average, 3 % longer than four times of it. */
const SIGMA = 1;
const LONGEST = 10;

/** In averages. */
const DRAW: Readonly<Record<ThinkTime['think'], (random: Random) => number>> = {
  constant: () => 1,
  uniform: (random) => 0.5 + random.next(),
  'log-normal': (random) => Math.min(LONGEST, Math.exp(SIGMA * drawNormal(random) - SIGMA ** 2 / 2)),
};

/** Normal, with mean 0 and deviation 1 (G. E. P. Box, M. E. Muller, 1958). Always two draws of `random`. */
const drawNormal = (random: Random): number => {
  const radius = Math.sqrt(-2 * Math.log1p(-random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
};
