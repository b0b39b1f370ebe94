import type { EngineContext } from '../strategy.ts';
import type { ProductView, Sku } from '../types.ts';
import { lifeOf, type AgedEntry, type Entries, type LifeOptions } from './entries.ts';
import { countedLoads } from './loads.ts';
import type { CachePort, LoadView } from './port.ts';

type Context = Pick<EngineContext, 'clock' | 'random' | 'telemetry'>;

/** A plain read: the entry, or else what the database has, which then fills it. */
export const readAside = (
  entries: Entries,
  life: LifeOptions,
  { random, telemetry }: Context,
): CachePort['read'] => {
  const counted = countedLoads(telemetry);
  return async (sku, load) => {
    telemetry.count('cache.reads');
    const entry = await entries.find(sku);
    if (entry !== undefined) {
      telemetry.count('cache.hits');
      return entry.view;
    }
    const view = await counted(load);
    await entries.fill(sku, view, lifeOf(view, life, random));
    return view;
  };
};

/** A load that many readers share may be joined after a change that it does not know: then it is done once more. */
const ATTEMPTS = 2;

/**
 * Loads for all who wait, and fills. `extraMs`: what an entry of an existing product lives longer than `life` says;
 * `seen`: the entry that is loaded anew before its end.
 */
export const refiller = (
  entries: Entries,
  life: LifeOptions,
  { clock, random, telemetry }: Context,
  extraMs = 0,
) => {
  const counted = countedLoads(telemetry);
  return async (sku: Sku, load: LoadView, seen?: AgedEntry): Promise<ProductView | undefined> => {
    for (let attempt = 1; ; attempt += 1) {
      const startedMs = clock.now();
      const view = await counted(load);
      const lifeMs = lifeOf(view, life, random) + (view ? extraMs : 0);
      const filled = await entries.fill(sku, view, lifeMs, { loadMs: clock.now() - startedMs, seen });
      if (filled || attempt === ATTEMPTS) return view;
    }
  };
};
