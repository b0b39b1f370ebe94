import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { comparisonSchema, type Comparison } from '../../src/report/comparison.ts';
import { Home, STACK_TRACE } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

const file = (name: string): string => join(home.folder, name);
const SHORT = ['--duration', '500ms', '--warmup', '0s', '--rounds', '2', '--quiet'];

const PLAN = `combinations:
  unsafe:
    lock: none
    stock: read-modify-write
  locked:
    lock: { name: token, ttlMs: 5000 }
    stock: read-modify-write
    engine.cache: single-flight
`;

test('a plan on several numbers of nodes, redrawn without a rerun', async () => {
  writeFileSync(file('plan.yml'), PLAN);
  const vary = ['--plan', 'plan.yml', '--nodes', '1,2,3', '--services', 'embedded'];
  const forms = ['--json', '--report', 'html=page.html'];
  const ended = await home.run(['compare', 'flash-sale', ...vary, ...SHORT, ...forms]);
  expect([ended.exitCode, ended.stderr]).toEqual([0, '']);
  const comparison = comparisonSchema.parse(JSON.parse(ended.stdout));
  expect(comparison.arms.map(({ label, nodes }) => [label, nodes])).toEqual(
    ['unsafe', 'locked'].flatMap((name) => [1, 2, 3].map((nodes) => [`${name} · nodes ${nodes}`, nodes])),
  );
  expect(comparison.arms[3]!.choices).toEqual({
    'engine.lock': '{"name":"token","ttlMs":5000}',
    'engine.stock': 'read-modify-write',
    'engine.cache': 'single-flight',
    'engine.nodes': '1',
  });
  expect(comparison.arms[3]!.configuration).toMatchObject({
    engine: { lock: { options: { ttlMs: 5_000 } } },
  });
  expect(comparison.decision.map(({ design, security }) => [design, security.violatedRounds > 0])).toEqual([
    ['unsafe', true],
    ['locked', false],
  ]);
  expect(comparison.scalability.map(({ fit }) => fit !== null)).toEqual([true, true]);
  for (const { loadsPerExpiry } of comparison.arms) expect(loadsPerExpiry).toBeGreaterThanOrEqual(1);

  writeFileSync(file('comparison.json'), ended.stdout);
  const redrawn = await home.run(['report', 'comparison.json', '--print', 'html']);
  expect(redrawn.stdout).toBe(readFileSync(file('page.html'), 'utf8'));
});

test('rounds on private servers share worker threads, and leave nothing behind', async () => {
  const vary = ['--vary', 'lock=none,token', '--services', 'local'];
  const ended = await home.run(['compare', 'flash-sale', ...vary, ...SHORT, '--json', 'real.json']);
  expect(ended.exitCode, ended.stderr).toBe(0);
  const { arms } = JSON.parse(readFileSync(file('real.json'), 'utf8')) as Comparison;
  const runs = arms.flatMap((arm) => arm.runs);
  expect(runs.map(({ invariants }) => invariants.held)).toEqual(runs.map(() => 7));
  expect(new Set(runs.map(({ runId }) => runId)).size).toBe(4);
  expect(runs.every(({ overheadMs }) => overheadMs > 0)).toBe(true);
  expect(ended.stdout).toContain('Decision');
  expect([home.instances(), home.recordedRuns()]).toEqual([[], []]);
});

test('an interrupt ends it after the round under way, and what was run is shown', async () => {
  const vary = ['--vary', 'lock=none,token', '--services', 'embedded', '--rounds', '50'];
  const command = home.start(['compare', 'flash-sale', ...vary, '--duration', '500ms', '--warmup', '0s']);
  await command.until(/3 of 100/);
  command.kill('SIGINT');
  const { exitCode, stdout, stderr } = await command.ended;
  expect(exitCode).toBe(130);
  expect(stdout).toContain('Interrupted: not every round was run.');
  expect(stderr).not.toMatch(STACK_TRACE);
});
