import { describe, expect, it } from 'vitest';
import {
  describeLoad,
  EXECUTORS,
  maxVusOf,
  planOf,
  warmUpOf,
  type LoadConfig,
} from '../../../../src/scenarios/executors/index.ts';

const times = { warmupMs: 2_000, gracefulStopMs: 0 };
const open = { arrivals: 'uniform', maxVus: 5, ...times } as const;

const CASES: readonly (readonly [config: LoadConfig, words: string, maxVus: number, warmUp: string])[] = [
  [
    { executor: 'constant-vus', vus: 1, iterations: 1_000, ...times },
    '1 VU for 1,000 iterations',
    1,
    '1 VU for 2.00s',
  ],
  [
    { executor: 'constant-vus', vus: 2_000, iterations: 1, durationMs: 500, ...times },
    '2,000 VUs for 500ms or 1 iteration',
    2_000,
    '2,000 VUs for 2.00s',
  ],
  [
    {
      executor: 'ramping-vus',
      startVus: 3,
      stages: [
        { durationMs: 10_000, vus: 40 },
        { durationMs: 5_000, vus: 0 },
      ],
      durationMs: 15_000,
      ...times,
    },
    'up to 40 VUs in 2 stages, 15.0s',
    40,
    '40 VUs for 2.00s',
  ],
  [
    { executor: 'per-vu-iterations', vus: 5, iterations: 10, durationMs: 60_000, ...times },
    '5 VUs with 10 iterations each, within 1m 00s',
    5,
    '5 VUs for 2.00s',
  ],
  [
    { executor: 'shared-iterations', vus: 5, iterations: 1_000, ...times },
    '1,000 iterations shared by 5 VUs',
    5,
    '5 VUs for 2.00s',
  ],
  [
    { executor: 'constant-arrival-rate', rate: 2_000, durationMs: 90_000, ...open },
    '2,000/s for 1m 30s',
    5,
    '2,000/s for 2.00s',
  ],
  [
    {
      executor: 'ramping-arrival-rate',
      startRate: 0,
      stages: [{ durationMs: 60_000, rate: 500 }],
      durationMs: 60_000,
      ...open,
    },
    'up to 500/s in 1 stage, 1m 00s',
    5,
    '500/s for 2.00s',
  ],
  [
    {
      executor: 'burst',
      rateBefore: 10,
      opensAfterMs: 3_000,
      peakRate: 800,
      halfLifeMs: 1_500,
      durationMs: 20_000,
      ...open,
    },
    '800/s after 3.00s, halving every 1.50s, for 20.0s',
    5,
    '800/s for 2.00s',
  ],
];

describe.each(CASES)('%j', (config, words, maxVus, warmUp) => {
  it(`is in words: ${words}`, () => expect(describeLoad(config)).toBe(words));
  it(`has at most ${maxVus} virtual users`, () => expect(maxVusOf(planOf(config))).toBe(maxVus));
  it(`is warmed up by ${warmUp}`, () => expect(describeLoad(warmUpOf(config))).toBe(warmUp));
});

describe('every load model', () => {
  it('is in the cases above, under its own name', () => {
    expect(new Set(CASES.map(([{ executor }]) => executor))).toEqual(new Set(Object.keys(EXECUTORS)));
    for (const [name, { fields, schema }] of Object.entries(EXECUTORS)) {
      expect(fields).toContain('executor');
      expect(schema.in.shape.executor.value).toBe(name);
    }
  });
});
