import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { main } from '../../../src/cli/program.ts';

class Screen extends Writable {
  readonly columns = 80;
  text = '';

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Types a command line, at a screen of 80 columns, in an environment of its own. */
export const trade = async (
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const [stdout, stderr] = [new Screen(), new Screen()];
  const exitCode = await main({
    argv,
    env,
    stdout,
    stderr,
    onInterrupt: () => () => {},
    onCrash: () => () => {},
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
};

/** A folder that is gone after the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'trade-sim-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

const FILE = `scenarios:
  shop:
    journey: checkout
    catalog: { skus: 10, stockPerSku: 100 }
    engine: { lock: token, nodes: 3 }
    load: { executor: constant-vus, vus: 5, duration: 10s }
    seed: 3
`;

/** A scenarios file with a scenario named shop; gives its path. */
export const scenariosFile = (text = FILE): string => {
  const path = join(temporaryFolder(), 'scenarios.yml');
  writeFileSync(path, text);
  return path;
};
