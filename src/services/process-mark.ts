import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { sleep, wallClock } from '../kernel/clock.ts';
import { serviceError } from '../kernel/errors.ts';

const run = promisify(execFile);

/** Names one process for good: its number may be used again, but not with the same start. */
export const processMarkSchema = z.object({ pid: z.int().positive(), startedAt: z.string() });
export type ProcessMark = z.infer<typeof processMarkSchema>;

const POLL_MS = 20;
const KILL_WAIT_MS = 2_000;

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
};

/** Field 3 of /proc/<pid>/stat is the state, field 22 the start in ticks since boot (proc(5)). */
const startOnLinux = async (pid: number): Promise<string | undefined> => {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command's name, may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${fields[19]}@${bootId()}`;
  } catch {
    return undefined;
  }
};

const startByPs = async (pid: number): Promise<string | undefined> => {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { timeout: 2_000 });
    const [state = 'Z', ...start] = stdout.trim().split(/\s+/);
    return state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
};

/** The mark of a running process. A zombie has ended. */
export const markOf = async (pid: number): Promise<ProcessMark | undefined> => {
  const startedAt = await (process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid));
  return startedAt === undefined ? undefined : { pid, startedAt };
};

export const isAlive = async (mark: ProcessMark): Promise<boolean> =>
  (await markOf(mark.pid))?.startedAt === mark.startedAt;

/** The mark of this process, by which others see whether it still lives. */
export const ownMark = async (): Promise<ProcessMark> =>
  (await markOf(process.pid)) ?? { pid: process.pid, startedAt: 'unknown' };

/** Whether it ended within `waitMs`. */
const hasEnded = async (mark: ProcessMark, waitMs: number): Promise<boolean> => {
  const end = wallClock.now() + waitMs;
  while (await isAlive(mark)) {
    if (wallClock.now() >= end) return false;
    await sleep(wallClock, POLL_MS);
  }
  return true;
};

const send = async (mark: ProcessMark, signal: NodeJS.Signals): Promise<void> => {
  if (!(await isAlive(mark))) return;
  try {
    process.kill(mark.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH')
      throw serviceError(`Process ${mark.pid} could not be ended`, 'It belongs to another user.', error);
  }
};

/** Ends exactly this process: `signal` first, SIGKILL after `graceMs`. Says whether it was running. */
export const endProcess = async (
  mark: ProcessMark,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<boolean> => {
  if (!(await isAlive(mark))) return false;
  await send(mark, signal);
  if (await hasEnded(mark, graceMs)) return true;
  await send(mark, 'SIGKILL');
  if (!(await hasEnded(mark, KILL_WAIT_MS))) throw serviceError(`Process ${mark.pid} outlived SIGKILL`);
  return true;
};
