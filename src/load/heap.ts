import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { resourceLimits } from 'node:worker_threads';

/** What stays in this thread's heap, and how much may. Young objects have a space of their own, with its own limit. */
export const oldGeneration = (): { readonly heapBytes: number; readonly heapLimitBytes: number } => ({
  heapBytes: getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !name.startsWith('new_'))
    .reduce((sum, { space_used_size: bytes }) => sum + bytes, 0),
  heapLimitBytes:
    getHeapStatistics().heap_size_limit - (resourceLimits.maxYoungGenerationSizeMb ?? 0) * 2 ** 20,
});
