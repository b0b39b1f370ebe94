import { expect } from 'vitest';
import { servers, type PrivateServers } from './private-servers.ts';
import type { Home } from './trade-sim.ts';

/** Expects that a run on these servers ends with exit code 3, one message and a hint: no stack, no password. */
export const expectRefusal = async (
  home: Home,
  urls: Partial<PrivateServers['urls']>,
  complaint: RegExp,
  env?: Readonly<Record<string, string>>,
): Promise<void> => {
  const { exitCode, stdout, stderr } = await home.run(['run', 'flash-sale', ...servers(urls)], env);
  expect([exitCode, stdout]).toEqual([3, '']);
  const [, message, hint, ...rest] = stderr.trimEnd().split('\n');
  expect(message).toMatch(/^trade-sim: /);
  expect(message).toMatch(complaint);
  expect(hint).toMatch(/^ {2}\S/);
  expect(rest).toEqual([]);
  for (const url of Object.values(urls)) expect(stderr).not.toContain(new URL(url).password);
};
