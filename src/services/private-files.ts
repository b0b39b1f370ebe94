import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { z } from 'zod';

/** Where trade-sim keeps what outlives a run: `$XDG_STATE_HOME/trade-sim`, by default `~/.local/state/trade-sim`. */
export const stateFolder = (): string => {
  const base = process.env['XDG_STATE_HOME'];
  // The XDG base directory specification has relative paths ignored.
  return join(
    base !== undefined && isAbsolute(base) ? base : join(homedir(), '.local', 'state'),
    'trade-sim',
  );
};

/** Writes a file that only its owner can read, whole or not at all. Synchronous: such files are small and few. */
export const writePrivateJson = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  rmSync(draft, { force: true });
  writeFileSync(draft, JSON.stringify(value, null, 2), { mode: 0o600, flag: 'wx' });
  renameSync(draft, path);
};

/** What such a file holds; undefined when there is none or it does not fit the schema. */
export const readPrivateJson = <T>(path: string, schema: z.ZodType<T>): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
};
