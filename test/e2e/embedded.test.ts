import { afterAll, expect, test } from 'vitest';
import { Home, resultOf, STACK_TRACE, verdictsOf } from './trade-sim.ts';

const home = new Home();
afterAll(() => home.remove());

const EMBEDDED = ['--services', 'embedded'];
const SHORT = [...EMBEDDED, '--duration', '1s', '--warmup', '0s'];
/** Ends only when it is told to. */
const LONG = ['run', 'flash-sale', ...EMBEDDED, '--duration', '60s', '--warmup', '0s'];
const ESCAPE = '\u001B';

test('a flash sale passes, and its JSON is a result and nothing else', async () => {
  const ended = await home.run(['run', 'flash-sale', ...SHORT, '--json']);
  const result = resultOf(ended);
  expect([ended.exitCode, result.exitCode, result.verdict]).toEqual([0, 0, 'passed']);
  expect(result.orders.accepted).toBe(60);
  expect(result.audit.map(({ verdict }) => verdict)).toEqual(result.audit.map(() => 'held'));
  expect(ended.stderr).toContain('Redis model (embedded)');
});

test('a checkout passes', async () => {
  const ended = await home.run(['run', 'checkout', ...SHORT, '--set', 'catalog.skus=100', '--json']);
  const result = resultOf(ended);
  expect([ended.exitCode, result.verdict]).toEqual([0, 'passed']);
  expect(result.orders.paid).toBeGreaterThan(0);
});

test('an unlocked read-modify-write is caught overselling', async () => {
  const ended = await home.run(
    ['run', 'flash-sale', ...SHORT, '--lock', 'none', '--stock', 'read-modify-write', '--json'],
    {},
  );
  const result = resultOf(ended);
  expect([ended.exitCode, result.exitCode, result.verdict]).toEqual([4, 4, 'violated']);
  expect(verdictsOf(result)['no-oversell']).toBe('violated');
});

test('the report leaves no row of its timeline empty', async () => {
  const { timeline } = resultOf(
    await home.run(['run', 'flash-sale', ...EMBEDDED, '--duration', '3s', '--warmup', '0s', '--json']),
  );
  expect(timeline.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 3_000]);
  expect(timeline.every(({ iterations }) => iterations > 0)).toBe(true);
});

test('neither a pipe nor NO_COLOR gets escape codes', async () => {
  const { stdout, stderr } = await home.run(['run', 'flash-sale', ...SHORT], { NO_COLOR: '1' });
  const { stdout: help } = await home.run(['run', '--help']);
  expect(stdout).toContain('PASSED');
  expect(stdout + stderr + help).not.toContain(ESCAPE);
});

test('--quiet prints nothing but the report', async () => {
  const { exitCode, stderr } = await home.run(['run', 'flash-sale', ...SHORT, '--quiet']);
  expect([exitCode, stderr]).toEqual([0, '']);
});

test('a reader that leaves early (| head -1) is no error', async () => {
  const { exitCode, stdout, stderr } = await home.shell(
    `trade-sim run flash-sale ${SHORT.join(' ')} | head -1`,
  );
  expect([exitCode, stdout.trim()]).toEqual([0, '✔ PASSED  flash-sale  (exit 0)']);
  expect(stderr).not.toMatch(/EPIPE|Error/);
});

test('a full disk for the result leaves the report on the screen, with a message', async () => {
  const ended = await home.run(['run', 'flash-sale', ...SHORT, '--json=/dev/full']);
  expect(ended.exitCode).toBe(2);
  expect(ended.stdout).toContain('PASSED');
  expect(ended.stderr).toContain('could not be written to /dev/full: ENOSPC');
  expect(ended.stderr).not.toMatch(STACK_TRACE);
});

test('a full disk for the report is told, once', async () => {
  const { exitCode, stderr } = await home.shell(`trade-sim run flash-sale ${SHORT.join(' ')} > /dev/full`);
  expect(exitCode).toBe(2);
  expect(stderr.match(/could not be written: ENOSPC/g)).toHaveLength(1);
  expect(stderr).not.toMatch(STACK_TRACE);
});

test('a verdict outweighs that it could not be saved', async () => {
  const unsafe = ['--lock', 'none', '--stock', 'read-modify-write'];
  const { exitCode } = await home.run(['run', 'flash-sale', ...SHORT, ...unsafe, '--json=/dev/full']);
  expect(exitCode).toBe(4);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the load, and what there is is reported',
  async (signal) => {
    const command = home.start([...LONG, '--json']);
    await command.until(/^load$/m);
    command.kill(signal);
    const ended = await command.ended;
    const result = resultOf(ended);
    expect([ended.exitCode, result.exitCode, result.verdict]).toEqual([130, 130, 'interrupted']);
    expect(result.interrupted).toBe(true);
    expect(result.run.durationMs).toBeLessThan(30_000);
    expect(ended.stderr).toContain('Once more to stop at once');
  },
);

test('a proven defect outweighs the interrupt', async () => {
  const command = home.start([...LONG, '--lock', 'none', '--stock', 'read-modify-write', '--json']);
  await command.until(/^load · /m);
  command.kill('SIGINT');
  const ended = await command.ended;
  expect([ended.exitCode, resultOf(ended).verdict]).toEqual([4, 'violated']);
});

test('a second interrupt ends the run at once, without a result', async () => {
  // Visitors that think for a minute keep the first interrupt from ending the run by itself.
  const slow = ['--set', 'journey.thinkMs=60000', '--set', 'load.gracefulStop=60s'];
  const command = home.start(['run', 'checkout', ...EMBEDDED, '--set', 'catalog.skus=10', ...slow]);
  await command.until(/^warming up$/m);
  command.kill('SIGINT');
  await command.until(/Once more/);
  command.kill('SIGINT');
  const { exitCode, stdout, stderr } = await command.ended;
  expect([exitCode, stdout]).toEqual([130, '']);
  expect(stderr).toContain('stopped at once; there is no result');
  expect(stderr).not.toMatch(STACK_TRACE);
});
