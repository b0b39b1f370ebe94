import { namespaceOf } from '../engine/namespace.ts';
import { removeRun } from '../engine/run-space.ts';
import { messageOf } from '../kernel/errors.ts';
import { SeededRandom } from '../kernel/random.ts';
import { closeBackends, connector } from '../load/connect.ts';
import { leftovers, type RunRecord } from '../services/run-registry.ts';

export interface Cleaned {
  readonly runId: string;
  /** Why something of it may still be there. */
  readonly problem: string | undefined;
}

/** Removes what runs whose process has gone left on their services. */
export const cleanLeftovers = async (): Promise<readonly Cleaned[]> => {
  const cleaned: Cleaned[] = [];
  for (const { record, forget } of await leftovers()) {
    try {
      await clean(record);
      forget();
      cleaned.push({ runId: record.runId, problem: undefined });
    } catch (error) {
      cleaned.push({ runId: record.runId, problem: messageOf(error) });
    }
  }
  return cleaned;
};

const clean = async ({ runId, urls, creates }: RunRecord): Promise<void> => {
  const namespace = namespaceOf(runId);
  const backends = await connector(urls, namespace, new SeededRandom(0))();
  try {
    await removeRun(backends, namespace, creates);
  } finally {
    await closeBackends(backends);
  }
};
