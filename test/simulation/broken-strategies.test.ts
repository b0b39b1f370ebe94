import { describe, expect, test } from 'vitest';
import { judge, type Judged } from '../../src/contract/judge.ts';
import { PROPERTIES } from '../../src/contract/properties.ts';
import type { Property } from '../../src/contract/property.ts';
import { simulatedWorld } from '../../src/contract/world.ts';
import type { CachePort, CacheStrategy } from '../../src/engine/cache/port.ts';
import { importedModule, type StrategyOf } from '../../src/engine/own-strategies.ts';
import { REGISTRY, type StrategyPort } from '../../src/engine/registry.ts';
import { importModules } from '../../src/scenarios/import-modules.ts';

const RACES = [1, 2, 3].map(simulatedWorld);

/** The properties that a strategy breaks, each with the evidence. */
const brokenBy = async (port: StrategyPort, strategy: unknown): Promise<Record<string, string>> => {
  const broken: Record<string, string> = {};
  for (const property of PROPERTIES[port] as readonly Property<Judged>[]) {
    const judged = await judge(property, strategy as Judged, RACES);
    if (judged.kind === 'broken') broken[property.name] = judged.evidence;
  }
  return broken;
};

describe('locks that are broken in a known way', () => {
  const lockOf = async (name: string) => {
    const { href } = new URL(`../fixtures/strategies/${name}.js`, import.meta.url);
    await importModules([href]);
    const own = importedModule(href);
    if (own?.kind !== 'usable') throw new Error(`${name} cannot be used: ${own?.problems.join(', ')}`);
    return own.strategy;
  };

  test.each([
    ['token-lock', {}],
    [
      'no-token',
      {
        'a holder that outlives its lease is told, and leaves the next holder its lock':
          "the late release freed the next holder's lock: a third got it while the second was inside",
      },
    ],
    [
      'no-ttl',
      {
        "a crashed holder's lock is free again by itself": expect.stringMatching(
          /^\d+ ms after its holder crashed the lock was still taken$/,
        ) as string,
      },
    ],
    [
      'resolves-expired',
      {
        'a lease that is over before the answer comes is not held': expect.stringMatching(
          /^it gave a lock as held whose validity was -\d+ ms$/,
        ) as string,
      },
    ],
  ])('%s', async (name, broken) => {
    expect(await brokenBy('lock', await lockOf(name))).toEqual(broken);
  });
});

/** One of ours that claims what another one keeps. */
const claiming = <Port extends StrategyPort>(
  port: Port,
  name: string,
  guarantees: Partial<StrategyOf<Port>['guarantees']>,
) => {
  const strategy = REGISTRY[port][name]!;
  return { ...strategy, guarantees: { ...strategy.guarantees, ...guarantees } };
};

describe('a false promise is found', () => {
  test.each([
    ['lock', 'none', claiming('lock', 'none', { mutualExclusion: 'while-leased' }), 'one holder at a time'],
    ['lock', 'token', claiming('lock', 'token', { fair: true }), 'first come, first served'],
    [
      'lock',
      'token',
      claiming('lock', 'token', { mutualExclusion: 'fenced' }),
      'each holder has a newer fence',
    ],
    ['lock', 'setnx', claiming('lock', 'setnx', { wakesWaiters: true }), 'a release wakes the waiters'],
    [
      'stock',
      'read-modify-write',
      claiming('stock', 'read-modify-write', { oversellSafe: 'always', idempotent: 'always' }),
      '200 callers for 50 units',
    ],
    [
      'cache',
      'none',
      claiming('cache', 'none', { staleness: 'bounded-by-invalidation' }),
      'one load is enough for many reads',
    ],
    [
      'cache',
      'aside',
      claiming('cache', 'aside', { stampedeProtection: 'global' }),
      'of readers on two nodes who miss an entry',
    ],
    [
      'cache',
      'write-behind',
      claiming('cache', 'write-behind', { acknowledgedAfter: 'commit' }),
      'a change that was acknowledged is in the database',
    ],
    [
      'queue',
      'fire-and-forget',
      claiming('queue', 'fire-and-forget', { delivery: 'at-least-once' }),
      'what was accepted is in the ledger once',
    ],
    [
      'queue',
      'fire-and-forget',
      claiming('queue', 'fire-and-forget', { acceptedAfter: 'confirm' }),
      'what has nowhere to go is refused',
    ],
  ] as const)('%s %s', async (port, _name, strategy, promise) => {
    const broken = Object.keys(await brokenBy(port, strategy));
    expect(broken).toContainEqual(expect.stringContaining(promise));
  });
});

describe('a cache that writes itself, and badly', () => {
  const behind = REGISTRY.cache['write-behind']!;
  const withWrite = (write: (cache: CachePort) => CachePort['write']): CacheStrategy => ({
    ...behind,
    open(options, context) {
      const cache = behind.open(options, context);
      return { ...cache, write: write(cache)! };
    },
  });

  test.each([
    [
      'forgets the change',
      withWrite(() => () => Promise.resolve()),
      [
        'a change that was acknowledged is read, on all nodes, and stays when the database has it',
        'a change that was acknowledged is in the database once its node has settled',
      ],
    ],
    [
      'commits the change, and tells nobody',
      withWrite(
        () =>
          async (_change, { commit }) =>
            void (await commit()),
      ),
      ['a change that was acknowledged is read, on all nodes, and stays when the database has it'],
    ],
    [
      'shows the change, and never writes it',
      withWrite(
        (cache) => (change, database) =>
          cache.write!(change, { ...database, commit: () => Promise.resolve(undefined) }),
      ),
      ['a change that was acknowledged is in the database once its node has settled'],
    ],
    [
      'looks at the page as readers do',
      withWrite((cache) => async (change, database) => {
        await cache.read(change.sku, database.load);
        await cache.write!(change, database);
      }),
      ['who changes a page is not counted as one who reads it'],
    ],
  ])('%s', async (_fault, strategy, broken) => {
    expect(Object.keys(await brokenBy('cache', strategy))).toEqual(broken);
  });
});
