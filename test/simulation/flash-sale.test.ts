import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveScenario } from '../../src/scenarios/overrides.ts';
import { simulate } from '../support/simulate.ts';

const file = { path: 'scenarios.yml', text: readFileSync('scenarios.yml', 'utf8') };

const flashSale = (settings: Readonly<Record<string, string | number>>) =>
  resolveScenario(
    file,
    'flash-sale',
    Object.entries({
      'journey.readsPerOrder': 1,
      'catalog.stockPerSku': 20,
      'load.executor': 'constant-vus',
      'load.vus': 30,
      'load.iterations': 120,
      'load.duration': '60s',
      'load.warmup': '0s',
      ...settings,
    }).map(([path, value]) => ({ path, value: String(value), from: '--set' })),
  );

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('a flash sale in simulated time', () => {
  test('the same seed is the same run, to the last ledger row', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const [once, again] = [await simulate(flashSale({ seed })), await simulate(flashSale({ seed }))];
        expect(again.history).toBe(once.history);
      }),
      { numRuns: 5 },
    );
  });

  test('other seeds are other runs', async () => {
    const histories = [];
    for (let seed = 0; seed < 5; seed += 1) histories.push((await simulate(flashSale({ seed }))).history);
    expect(new Set(histories).size).toBe(5);
  });

  test.each([
    ['none', 'lua', 'confirm'],
    ['none', 'lua', 'direct'],
    ['token', 'read-modify-write', 'confirm'],
    ['setnx', 'read-modify-write', 'confirm'],
    ['redlock', 'read-modify-write', 'direct'],
    ['pg-advisory', 'fenced-write', 'direct'],
    ['queue-serial', 'read-modify-write', 'confirm'],
  ])('lock %s with stock %s and queue %s holds whatever the seed', async (lock, stock, queue) => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const { violated } = await simulate(
          flashSale({ seed, 'engine.lock': lock, 'engine.stock': stock, 'engine.queue': queue }),
        );
        expect(violated).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('reading, deciding and writing without a lock is caught overselling', async () => {
    const caught = [];
    for (let seed = 0; seed < 10; seed += 1)
      caught.push((await simulate(flashSale({ seed, 'engine.stock': 'read-modify-write' }))).violated);
    expect(caught.filter((violated) => violated.includes('no-oversell'))).toHaveLength(10);
  });

  test('a lease shorter than the work it guards is caught overselling by some seed', async () => {
    const caught = [];
    for (let seed = 0; seed < 10; seed += 1) {
      const run = await simulate(
        flashSale({
          seed,
          'engine.lock.name': 'token',
          'engine.lock.ttlMs': 10,
          'engine.stock': 'read-modify-write',
          'engine.lockWait': '20s',
        }),
        20,
      );
      caught.push(run.violated);
    }
    expect(caught.flat()).toContain('no-oversell');
  });
});
