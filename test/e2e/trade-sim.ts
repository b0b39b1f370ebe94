import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultSchema, type Result } from '../../src/report/model.ts';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const ENDS_WITHIN_MS = 90_000;

/** A home for the commands of one test file: whatever they leave behind is in it, and nothing of the user's is. */
export class Home {
  readonly folder = mkdtempSync(join(tmpdir(), 'trade-sim-e2e-'));

  constructor() {
    if (!existsSync(MAIN)) throw new Error('the package is not built: npm run build');
    // PostgreSQL runs as another user when this one is root.
    chmodSync(this.folder, 0o711);
  }

  get env(): Readonly<Record<string, string>> {
    const { PATH = '' } = process.env;
    const state = join(this.folder, 'state');
    const folders = { HOME: this.folder, TMPDIR: this.folder, XDG_STATE_HOME: state };
    // A machine that is busy with tests is no fault of what a test is about.
    return { PATH, ...folders, TRADE_SIM_OVER_LIMITS: 'note' };
  }

  /** Folders of private servers that are there now. */
  instances(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.startsWith('trade-sim-'))
      .map((name) => join(this.folder, name));
  }

  /** Runs of which something may be left on services that outlive them. */
  recordedRuns(): string[] {
    const runs = join(this.folder, 'state', 'trade-sim', 'runs');
    return existsSync(runs) ? readdirSync(runs) : [];
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Command {
    const options = { cwd: this.folder, env: { ...this.env, ...env } };
    return new Command(spawn(process.execPath, [MAIN, ...args], options));
  }

  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
    return this.start(args, env).ended;
  }

  /** A line of a shell, in which `trade-sim` is the command. */
  shell(line: string): Promise<Ended> {
    const script = `set -o pipefail; trade-sim() { "${process.execPath}" "${MAIN}" "$@"; }; ${line}`;
    return new Command(spawn('bash', ['-c', script], { cwd: this.folder, env: this.env })).ended;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. One that does not end is ended, and its test fails. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #onOutput = new Set<() => void>();
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout!.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
      for (const look of this.#onOutput) look();
    });
    this.ended = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`it has not ended within ${ENDS_WITHIN_MS} ms:\n${this.stderr}`));
      }, ENDS_WITHIN_MS);
      child.once('close', (exitCode) => {
        clearTimeout(timer);
        resolve({ exitCode, stdout: this.stdout, stderr: this.stderr });
      });
    });
    // Whoever does not wait for the end has seen enough.
    this.ended.catch(() => {});
  }

  /** Waits until standard error matches. Rejects when the command has ended before. */
  async until(pattern: RegExp): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (!pattern.test(this.stderr)) return;
        this.#onOutput.delete(look);
        resolve();
      };
      this.#onOutput.add(look);
      look();
    });
    await Promise.race([seen, this.ended]);
    if (!pattern.test(this.stderr)) throw new Error(`it ended before ${String(pattern)}:\n${this.stderr}`);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** The JSON on standard output, checked to be a result and nothing else. */
export const resultOf = ({ stdout }: Ended): Result => resultSchema.parse(JSON.parse(stdout));

export const verdictsOf = ({ audit }: Result): Record<string, string> =>
  Object.fromEntries(audit.map(({ invariant, verdict }) => [invariant, verdict]));

/** An error as people should meet it: one message, no stack, no password. */
export const STACK_TRACE = /^ +at /m;
