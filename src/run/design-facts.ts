import { lockMastersOf } from '../engine/compose.ts';
import { strategyOf } from '../engine/own-strategies.ts';
import type { DesignFacts } from '../report/comparison.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { SERVICE_NAMES } from '../services/types.ts';

/** What a scenario's strategies promise and ask for, whatever a run of it shows. */
export const designFactsOf = ({ engine }: Scenario): DesignFacts => {
  const lock = strategyOf('lock', engine.lock);
  const stock = strategyOf('stock', engine.stock);
  const cache = strategyOf('cache', engine.cache);
  const queue = strategyOf('queue', engine.queue);
  const used = new Set([lock, stock, cache, queue].flatMap((strategy) => strategy?.uses ?? []));
  const chosen = [engine.lock, engine.stock, engine.cache, engine.queue];
  return {
    options: chosen.reduce((sum, { options }) => sum + Object.keys(options).length, 0),
    // The ledger is always there.
    services: SERVICE_NAMES.filter((service) => used.has(service) || service === 'postgres'),
    lockMasters: lockMastersOf(engine.lock),
    oversellSafe: safetyOf(lock?.guarantees.mutualExclusion, stock?.guarantees.oversellSafe),
    delivery: queue?.guarantees.delivery ?? 'unknown',
  };
};

/** A stock that needs a fence is refused with a lock that gives none. */
const safetyOf = (
  exclusion: 'none' | 'while-leased' | 'fenced' | undefined,
  stock: 'always' | 'with-lock' | 'with-fence' | undefined,
): DesignFacts['oversellSafe'] => {
  if (stock === 'always' || stock === 'with-fence') return 'always';
  return exclusion === undefined || exclusion === 'none' ? 'never' : 'while-leased';
};
