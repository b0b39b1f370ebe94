import { linkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateJson, stateFolder, writePrivateJson } from './private-files.ts';
import { SERVICE_NAMES } from './types.ts';

const keptSchema = z.object({
  schema: z.literal('trade-sim.kept/1'),
  origin: z.enum(['local', 'docker']),
  /** Of the instance: its record names the processes. */
  folder: z.string(),
  startedAtEpochMs: z.number(),
  servers: z.array(z.object({ service: z.enum(SERVICE_NAMES), url: z.string(), version: z.string() })),
});

/** The instance that `services up` left running. */
export type Kept = z.infer<typeof keptSchema>;

export const keptFile = (): string => join(stateFolder(), 'kept.json');

export const readKept = (path = keptFile()): Kept | undefined => readPrivateJson(path, keptSchema);

/** Records a kept instance, unless there is one already: of two that race, one is told false. */
export const claimKept = (kept: Kept): boolean => {
  const draft = `${keptFile()}.${process.pid}`;
  writePrivateJson(draft, kept);
  try {
    linkSync(draft, keptFile());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

export const forgetKept = (): void => rmSync(keptFile(), { force: true });
