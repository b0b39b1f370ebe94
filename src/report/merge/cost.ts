import type { Result } from '../model.ts';

/** What an order cost over all runs, each weighing as much as it had orders. */
export const mergeCost = (results: readonly Result[]): Result['cost'] => {
  const attempted = results.reduce((sum, { orders }) => sum + orders.attempted, 0);
  const over = (name: keyof Result['cost']): number | null =>
    attempted > 0
      ? results.reduce((sum, { cost, orders }) => sum + (cost[name] ?? 0) * orders.attempted, 0) / attempted
      : null;
  return {
    redisCommandsPerOrder: over('redisCommandsPerOrder'),
    messagesPerOrder: over('messagesPerOrder'),
    transactionsPerOrder: over('transactionsPerOrder'),
    cpuMsPerOrder: over('cpuMsPerOrder'),
  };
};
