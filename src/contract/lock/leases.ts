import type { LockStrategy } from '../../engine/lock/port.ts';
import { sleep } from '../../kernel/clock.ts';
import { closeBackends } from '../../load/connect.ts';
import { still } from '../clocks.ts';
import { withLateAnswers } from '../faults.ts';
import { holds, NotJudged, type Property, same } from '../property.ts';
import { Contender, excludes, leaseOf, requireEnded, SHORT_LEASE } from './contender.ts';

const freedAfterCrash: Property<LockStrategy> = {
  name: "a crashed holder's lock is free again by itself",
  exempt: (strategy) =>
    excludes(strategy) ??
    (strategy.guarantees.survivesCrash ? undefined : 'it promises nothing for a holder that crashes'),
  async check(strategy, space) {
    const a = await Contender.of(strategy, space, { options: SHORT_LEASE });
    const b = await Contender.of(strategy, space, { options: SHORT_LEASE });
    const leaseMs = leaseOf(strategy, space, await a.hold());
    await closeBackends(a.node);
    const outcome = await b.acquire({ waitMs: Math.max(20_000, leaseMs * 2) });
    if (outcome.kind === 'held') return;
    requireEnded(space, leaseMs);
    holds(false, `${Math.round(outcome.waitedMs)} ms after its holder crashed the lock was still taken`);
  },
};

const ownerReleases: Property<LockStrategy> = {
  name: 'a holder that outlives its lease is told, and leaves the next holder its lock',
  exempt: excludes,
  async check(strategy, space) {
    // Paused, as far as it can tell: no timer of its own renews the lease.
    const paused = await Contender.of(strategy, space, {
      options: SHORT_LEASE,
      changes: ({ clock }) => ({ clock: still(clock) }),
    });
    const [next, third] = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
    // Whoever comes first may serve those who come later: that is not the one that is paused.
    await (await next.hold({ keys: [next.key(0), next.key(1)] })).release();
    const late = await paused.hold({ keys: [paused.key(0), paused.key(1)] });
    const leaseMs = leaseOf(strategy, space, late);
    await sleep(space.clock, leaseMs);
    const outcome = await next.acquire({ waitMs: Math.max(1_000, leaseMs) });
    if (outcome.kind === 'contended') requireEnded(space, leaseMs);
    if (outcome.kind === 'contended')
      throw new NotJudged('its lease does not end while the holder is connected');
    same(await late.release(), 'expired', 'the release of a holder whose lock another has by now');
    const stolen = await third.acquire({ waitMs: 0 });
    holds(
      stolen.kind === 'contended',
      "the late release freed the next holder's lock: a third got it while the second was inside",
    );
    same(await outcome.release(), 'released', 'the release of the next holder');
  },
};

const noSpentLease: Property<LockStrategy> = {
  name: 'a lease that is over before the answer comes is not held',
  exempt: (strategy) =>
    excludes(strategy) ?? (strategy.uses.includes('redis') ? undefined : 'its leases are not kept in Redis'),
  async check(strategy, space) {
    const trial = await Contender.of(strategy, space, { options: SHORT_LEASE });
    const first = await trial.hold();
    const leaseMs = leaseOf(strategy, space, first);
    await first.release();
    requireEnded(space, leaseMs);
    const slow = await Contender.of(strategy, space, {
      options: SHORT_LEASE,
      changes: ({ clock }, { redis, lockMasters }) => ({
        redis: withLateAnswers(redis, clock, leaseMs * 1.5),
        lockMasters: lockMasters.map((master) => withLateAnswers(master, clock, leaseMs * 1.5)),
      }),
    });
    const outcome = await slow.acquire({ waitMs: leaseMs * 4 });
    if (outcome.kind === 'contended') return;
    holds(
      outcome.validForMs > 0,
      `it gave a lock as held whose validity was ${Math.round(outcome.validForMs)} ms`,
    );
    const other = await trial.acquire({ waitMs: 0 });
    holds(
      other.kind === 'contended',
      `it gave a lock as held ${Math.round(leaseMs * 1.5)} ms after it had asked, with a lease of ${Math.round(leaseMs)} ms: another got it too`,
    );
  },
};

export const LEASES: readonly Property<LockStrategy>[] = [freedAfterCrash, ownerReleases, noSpentLease];
