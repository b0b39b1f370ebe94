import type { Telemetry } from '../telemetry.ts';

/** Loads from the database, counted, with the most that ran at once on this node. */
export const countedLoads = (telemetry: Telemetry) => {
  let loading = 0;
  return async <T>(load: () => Promise<T>): Promise<T> => {
    telemetry.count('cache.loads');
    telemetry.peak('cache.concurrent-loads', ++loading);
    try {
      return await load();
    } finally {
      loading -= 1;
    }
  };
};
