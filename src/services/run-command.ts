import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly deadlineMs: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
}

export type CommandResult =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** There is no such program, it may not be run, it was killed, or it took too long. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Runs a program to its end. Never rejects; a program that exceeds its deadline is killed. */
export type RunCommand = (
  file: string,
  args: readonly string[],
  options: CommandOptions,
) => Promise<CommandResult>;

const OUTPUT_BYTES_MAX = 1_048_576;

export const runCommand: RunCommand = (file, args, { deadlineMs, user, ...options }) =>
  new Promise((resolve) => {
    const limits = { timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES_MAX } as const;
    execFile(file, args, { ...options, ...user, ...limits, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'exited', code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ kind: 'exited', code: error.code, stdout, stderr });
      else if (error.killed === true && options.signal?.aborted !== true)
        resolve({ kind: 'failed', reason: `${file} did not end within ${deadlineMs} ms` });
      else resolve({ kind: 'failed', reason: `${file} could not be run (${error.code ?? error.signal})` });
    });
  });

/** The standard output of a program that ended well. */
export const outputOf = (result: CommandResult): string | undefined =>
  result.kind === 'exited' && result.code === 0 ? result.stdout.trim() : undefined;
