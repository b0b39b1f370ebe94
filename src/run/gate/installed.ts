import { spawn } from 'node:child_process';
import { serviceError, TradeSimError, usageError } from '../../kernel/errors.ts';
import { ExitCode } from '../../kernel/exit-codes.ts';
import { gatedSchema, type Gated } from '../../report/gate/gated.ts';
import { remark } from '../../report/text.ts';
import type { Interrupts } from '../request.ts';

/** A trade-sim that is run as a process of its own. */
export interface Installed {
  /** How messages call it. */
  readonly label: string;
  /** Its `dist/cli/main.js`. */
  readonly main: string;
  /** `run`, the scenario and its flags; without seed and output. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Some fifty times what a round's result takes. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;
const MAX_ERROR_CHARACTERS = 10_000;

/** Runs one round by another process and reads its result. An interrupt is handed on to it. */
export const runInstalled = async (
  { label, main, args, env }: Installed,
  seed: number,
  interrupts: Interrupts,
): Promise<Gated> => {
  const ended = await runToEnd(main, [...args, '--seed', String(seed), '--json', '--quiet'], env, interrupts);
  if (ended.exitCode === ExitCode.interrupted && ended.stdout === '')
    throw new TradeSimError(ExitCode.interrupted, 'interrupted before the load began; there is no result');
  const parsed = gatedSchema.safeParse(parse(ended.stdout));
  if (parsed.success) return parsed.data;
  const said = remark(ended.stderr) || `it ended with code ${ended.exitCode ?? 'none'}`;
  const message = `${label} did not run the scenario: ${said}`;
  throw ended.exitCode === ExitCode.serviceUnavailable
    ? serviceError(message)
    : usageError(message, 'Its version has to know the scenario and every flag that is given.');
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In a session of its own: Ctrl-C at the terminal would reach it twice otherwise, from there and from here. */
const runToEnd = (
  main: string,
  args: readonly string[],
  env: Installed['env'],
  { stop, kill }: Interrupts,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const interrupt = () => void child.kill('SIGINT');
    for (const signal of [stop, kill]) signal.addEventListener('abort', interrupt, { once: true });
    const stdout: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_OUTPUT_BYTES) child.kill('SIGKILL');
      else stdout.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_ERROR_CHARACTERS);
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      for (const signal of [stop, kill]) signal.removeEventListener('abort', interrupt);
      resolve({ exitCode, stdout: Buffer.concat(stdout).toString('utf8'), stderr });
    });
  });
