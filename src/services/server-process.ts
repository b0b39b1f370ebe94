import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { assert } from '../kernel/assert.ts';
import { messageOf, serviceError } from '../kernel/errors.ts';
import { findProgram } from './binaries.ts';
import { markOf, type ProcessMark } from './process-mark.ts';
import { outputOf, runCommand } from './run-command.ts';

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Run as this user; undefined: as ours. */
  readonly user?: UserIds | undefined;
  readonly logFile: string;
  /** Asks the server to end in order, with its data safe or thrown away. */
  readonly stopSignal: NodeJS.Signals;
}

export interface ServerProcess {
  readonly mark: ProcessMark;
  hasExited(): boolean;
  /** What it wrote. */
  log(): Promise<string>;
}

/** util-linux has the option since 2.33; other makes of setpriv lack it. */
const findDeathSignalTool = async (): Promise<string | undefined> => {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined;
  if (setpriv === undefined) return undefined;
  const tried = await runCommand(setpriv, ['--pdeathsig', 'TERM', 'true'], { deadlineMs: 2_000 });
  return outputOf(tried) === undefined ? undefined : setpriv;
};

let deathSignalTool: Promise<string | undefined> | undefined;

/**
 * Starts a server in a session of its own: Ctrl-C at the terminal must reach trade-sim alone, which still needs
 * its servers to drain. Unless it is to outlive us, the kernel ends it when our thread dies (PR_SET_PDEATHSIG),
 * so that even a SIGKILL leaves nothing running; elsewhere the next run reaps it.
 */
export const startServer = async (command: ServerCommand, outlivesUs: boolean): Promise<ServerProcess> => {
  assert(isMainThread, 'servers start from the main thread, whose death is that of the process');
  deathSignalTool ??= findDeathSignalTool();
  const tool = outlivesUs ? undefined : await deathSignalTool;
  const line = [command.file, ...command.args];
  const [file, ...args] =
    tool === undefined ? line : [tool, '--pdeathsig', command.stopSignal.slice('SIG'.length), ...line];
  const log = openSync(command.logFile, 'a', 0o600);
  try {
    const child = spawn(file!, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: command.env,
      cwd: command.cwd,
      ...command.user,
    });
    await once(child, 'spawn');
    child.unref();
    return {
      mark: (await markOf(child.pid!)) ?? { pid: child.pid!, startedAt: 'ended at once' },
      hasExited: () => child.exitCode !== null || child.signalCode !== null,
      log: () => readFile(command.logFile, 'utf8').catch(() => ''),
    };
  } catch (error) {
    throw serviceError(`${command.file} could not be started: ${messageOf(error)}`);
  } finally {
    closeSync(log);
  }
};
