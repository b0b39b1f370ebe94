import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { assert } from '../kernel/assert.ts';
import { readPrivateJson, stateFolder, writePrivateJson } from './private-files.ts';
import { isAlive, ownMark, processMarkSchema } from './process-mark.ts';

const runRecordSchema = z.object({
  schema: z.literal('trade-sim.run-record/1'),
  runId: z.string(),
  owner: processMarkSchema,
  /** With their passwords: whoever cleans up must be able to connect. */
  urls: z
    .object({
      redis: z.string(),
      rabbitmq: z.string(),
      postgres: z.string(),
      lockMasters: z.array(z.string()),
    })
    .partial(),
  /** What strategies of the user's own create: whoever cleans up does not know them. */
  creates: z
    .object({ exchanges: z.array(z.string()).readonly(), queues: z.array(z.string()).readonly() })
    .optional(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

export interface RecordedRun {
  readonly record: RunRecord;
  /** To be called when nothing of the run is left in its services. */
  readonly forget: () => void;
}

const RUN_ID = /^[\w-]{1,64}$/;

const runsFolder = (): string => join(stateFolder(), 'runs');

const recorded = (path: string, record: RunRecord): RecordedRun => ({
  record,
  forget: () => rmSync(path, { force: true }),
});

/** Remembers that a run of this process is about to write into services that outlive it. */
export const recordRun = async (run: Pick<RunRecord, 'runId' | 'urls' | 'creates'>): Promise<RecordedRun> => {
  assert(RUN_ID.test(run.runId), 'a run id can name a file');
  const record: RunRecord = { schema: 'trade-sim.run-record/1', ...run, owner: await ownMark() };
  const path = join(runsFolder(), `${run.runId}.json`);
  writePrivateJson(path, record);
  return recorded(path, record);
};

/** The runs whose process died before it could clean up. */
export const leftovers = async (): Promise<readonly RecordedRun[]> => {
  const names = existsSync(runsFolder()) ? readdirSync(runsFolder()) : [];
  const found: RecordedRun[] = [];
  for (const name of names.filter((file) => file.endsWith('.json')).toSorted()) {
    const path = join(runsFolder(), name);
    const record = readPrivateJson(path, runRecordSchema);
    if (record !== undefined && !(await isAlive(record.owner))) found.push(recorded(path, record));
  }
  return found;
};
