import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  destroyInstance,
  INSTANCE_PREFIX,
  readInstance,
  temporaryFolders,
  type InstanceRecord,
} from './instance.ts';
import { messageOf } from '../kernel/errors.ts';
import { readKept } from './kept-file.ts';
import { isAlive } from './process-mark.ts';

export interface Reaped {
  readonly folder: string;
  /** Processes that were still running. */
  readonly processes: number;
  /** Why it could not be removed, if so. */
  readonly problem: string | undefined;
}

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** In a folder that everybody may write to, only what is ours may be believed. */
const isOurFolder = (path: string): boolean => {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  return entry?.isDirectory() === true && entry.uid === process.getuid?.();
};

const instanceFolders = (): string[] =>
  temporaryFolders()
    .flatMap((parent) => namesIn(parent).map((name) => ({ name, path: join(parent, name) })))
    .filter(({ name, path }) => name.startsWith(INSTANCE_PREFIX) && isOurFolder(path))
    .map(({ path }) => path);

const isOrphan = async (folder: string, record: InstanceRecord): Promise<boolean> =>
  record.keptBy === null
    ? !(await isAlive(record.owner))
    : readKept(record.keptBy)?.folder !== folder && !(await isAlive(record.owner));

const reap = async (folder: string, record: InstanceRecord): Promise<Reaped> => {
  try {
    return { folder, processes: await destroyInstance(folder, record), problem: undefined };
  } catch (error) {
    return { folder, processes: 0, problem: messageOf(error) };
  }
};

/** Ends and removes the instances whose owner died without doing so, as after a SIGKILL. */
export const reapOrphans = async (): Promise<readonly Reaped[]> => {
  const reaped: Reaped[] = [];
  for (const folder of instanceFolders()) {
    const record = readInstance(folder);
    if (record !== undefined && (await isOrphan(folder, record))) reaped.push(await reap(folder, record));
  }
  return reaped;
};
