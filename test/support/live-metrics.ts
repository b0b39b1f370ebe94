import { LiveMetrics } from '../../src/report/metrics/live.ts';

const choice = (name: string) => ({ name, options: {} });

/** Of a flash sale that has not begun. */
export const newLiveMetrics = (): LiveMetrics =>
  new LiveMetrics({
    name: 'flash-sale',
    seed: 42,
    engine: {
      nodes: 2,
      lock: choice('token'),
      stock: choice('lua'),
      cache: choice('aside'),
      queue: choice('confirm'),
      lockWaitMs: 100,
    },
  });
