import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Home, resultOf, verdictsOf } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

const EMBEDDED = ['run', 'flash-sale', '--services', 'embedded', '--warmup', '0s', '--json'];
/** Far more customers than any machine can let come. */
const OVERLOADED = [...EMBEDDED, '--duration', '1s', '--rate', '1000000/s', '--over-limits', 'inconclusive'];

test('an overloaded generator ends inconclusive, in every form that has a verdict', async () => {
  const forms = ['html', 'junit', 'markdown'].map((form) => `${form}=report.${form}`).join(',');
  const limit = ['--threshold', 'order.latency:p99<60s'];
  const ended = await home.run([...OVERLOADED, ...limit, '--report', forms]);
  const result = resultOf(ended);
  expect([ended.exitCode, result.exitCode, result.verdict]).toEqual([7, 7, 'inconclusive']);
  expect(result.thresholds).toMatchObject([{ verdict: 'passed' }]);
  expect(result.reasons.join('\n')).toMatch(/load generator: .* of the arrivals were dropped/);
  expect(result.generator.saturated).toBe(true);
  expect(result.generator.arrivals!.begunRatio).toBeLessThan(0.99);
  expect(Object.values(verdictsOf(result))).not.toContain('violated');
  for (const form of ['html', 'junit', 'markdown'])
    expect(readFileSync(join(home.folder, `report.${form}`), 'utf8')).toContain(
      'of the arrivals were dropped',
    );
});

test('without thresholds it is no failure, and no pass either; or only a note', async () => {
  const ended = await home.run(OVERLOADED);
  expect([ended.exitCode, resultOf(ended).verdict]).toEqual([0, 'inconclusive']);
  const noted = await home.run([...OVERLOADED.slice(0, -1), 'note', '--threshold', 'order.latency:p99<60s']);
  const result = resultOf(noted);
  expect([noted.exitCode, result.verdict]).toEqual([0, 'passed']);
  expect(result.notes.join('\n')).toMatch(/Load generator: .* of the arrivals were dropped/);
});

test('every result says how much the generator could have done', async () => {
  const { generator, iterations } = resultOf(await home.run([...EMBEDDED, '--duration', '1s']));
  expect(generator.ceilingPerSecond).toBeGreaterThan(iterations.perSecond);
  expect(generator.workers).toHaveLength(1);
  expect(generator.cpuRatio).toBeGreaterThan(0);
});

test('a threshold ends the load, and what there is is drained, audited and reported', async () => {
  const limit = ['--threshold', 'order.latency:max<1us over 1s abort after 2s'];
  const ended = await home.run([...EMBEDDED, '--duration', '60s', ...limit]);
  const result = resultOf(ended);
  expect([ended.exitCode, result.verdict, result.interrupted]).toEqual([5, 'threshold-failed', false]);
  expect(result.reasons[0]).toMatch(/abort after 2s failed and ended the load after \d/);
  expect(result.run.durationMs).toBeLessThan(30_000);
  expect(result.thresholds[0]!.abortedAtMs).toBeGreaterThanOrEqual(2_000);
  expect(Object.values(verdictsOf(result))).toEqual(result.audit.map(() => 'held'));
  expect(ended.stderr).toContain('Ending: threshold order.latency:max<1us');
});

test('a wrong threshold is pointed at before anything is started', async () => {
  const { exitCode, stdout, stderr } = await home.run([...EMBEDDED, '--threshold', 'order.latency:p99<200']);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr.split('\n').slice(0, 3)).toEqual([
    'trade-sim: --threshold order.latency:p99<200: at character 19: "200" is not a duration (Write a number and a unit: 500ms, 30s, 5m or 1h.)',
    '    order.latency:p99<200',
    '                      ^',
  ]);
});
