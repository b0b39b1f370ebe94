import { afterEach, expect, test, vi } from 'vitest';
import { sharedState, traces } from '../../support/traces.ts';

const listener = () => {};
const { exitCode } = process;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
  process.off('SIGUSR2', listener);
  process.exitCode = exitCode;
});

test.each<[trace: string, leave: () => unknown]>([
  ['the working folder', () => vi.spyOn(process, 'cwd').mockReturnValue('/elsewhere')],
  ["the environment's TRADE_SIM_TRACE", () => vi.stubEnv('TRADE_SIM_TRACE', '')],
  ["the environment's PATH", () => vi.stubEnv('PATH', undefined)],
  ['listeners of the process to SIGUSR2', () => process.on('SIGUSR2', listener)],
  ['the exit code', () => (process.exitCode = 7)],
  ['fake timers', () => vi.useFakeTimers()],
])('%s is seen', (trace, leave) => {
  const before = sharedState();
  expect(traces(before, sharedState())).toEqual([]);
  leave();
  expect(traces(before, sharedState())).toEqual([trace]);
});
