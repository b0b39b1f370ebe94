import type { HeldLock, LockOutcome, LockStrategy } from '../../engine/lock/port.ts';
import { closeBackends } from '../../load/connect.ts';
import { still } from '../clocks.ts';
import { failureOf, holds, type Property, same } from '../property.ts';
import { Contender, excludes, isServiceFailure, type Setting } from './contender.ts';

/** A node that no timer wakes. */
const STILL: Setting = { changes: ({ clock }) => ({ clock: still(clock) }) };

const bounded: Property<LockStrategy> = {
  name: 'a wait is bounded, for a node that holds the lock as for another',
  exempt: excludes,
  async check(strategy, space) {
    const [a, b] = [await Contender.of(strategy, space), await Contender.of(strategy, space)];
    await a.hold();
    for (const outcome of await Promise.all([a.acquire({ waitMs: 30 }), b.acquire({ waitMs: 30 })])) {
      same(outcome.kind, 'contended', 'waiting 30 ms for a lock that another holds');
      // Timers may be a millisecond early.
      const { waitedMs } = outcome as { readonly waitedMs: number };
      holds(waitedMs > 28, `it gave up after ${waitedMs} of the 30 ms that it might wait`);
    }
  },
};

const abortable: Property<LockStrategy> = {
  name: 'a signal ends a wait, wherever it is waited',
  exempt: excludes,
  async check(strategy, space) {
    const [a, b] = [await Contender.of(strategy, space), await Contender.of(strategy, space, STILL)];
    const held = await a.hold();
    const abort = new AbortController();
    const { signal } = abort;
    const waits = [1, 2].map(() => b.acquire({ signal }));
    await b.settle(space);
    abort.abort();
    const outcomes = (await Promise.all(waits)).map(({ kind }) => kind);
    same(outcomes, ['contended', 'contended'], 'two waits that a signal ended');
    await held.release();
    same((await b.acquire({ signal })).kind, 'contended', 'asking with a signal that is aborted');
    same((await a.acquire({ waitMs: 0 })).kind, 'held', 'asking for the lock that the ended waits left');
  },
};

const passedOver: Property<LockStrategy> = {
  name: 'a waiter that gave up is passed over',
  exempt: excludes,
  async check(strategy, space) {
    const a = await Contender.of(strategy, space);
    const held = await a.hold();
    const abort = new AbortController();
    const impatient = a.acquire({ signal: abort.signal });
    const patient = a.acquire();
    abort.abort();
    same((await impatient).kind, 'contended', 'a wait that a signal ended');
    await held.release();
    same((await patient).kind, 'held', 'the wait behind it, after the release');
  },
};

const wakesOthers: Property<LockStrategy> = {
  name: 'a release wakes the waiters of other nodes',
  exempt: ({ guarantees }) => (guarantees.wakesWaiters ? undefined : 'it promises to wake nobody'),
  async check(strategy, space) {
    const [a, b] = [await Contender.of(strategy, space), await Contender.of(strategy, space, STILL)];
    const abort = new AbortController();
    const outcomes: LockOutcome[] = [];
    let held: HeldLock = await a.hold();
    const wait = b.acquire({ signal: abort.signal }).then((outcome) => outcomes.push(outcome));
    for (let round = 0; round < 20 && outcomes.length === 0; round += 1) {
      await b.settle(space);
      await held.release();
      await b.settle(space);
      const again = await a.acquire({ waitMs: 0 });
      if (again.kind === 'held') held = again;
    }
    abort.abort();
    await wait;
    same(outcomes[0]?.kind, 'held', 'a wait during which the lock was released 20 times');
  },
};

const servedInOrder: Property<LockStrategy> = {
  name: 'first come, first served, over all nodes',
  exempt: ({ guarantees }) => (guarantees.fair ? undefined : 'it promises no order'),
  async check(strategy, space) {
    const nodes = [
      await Contender.of(strategy, space),
      await Contender.of(strategy, space),
      await Contender.of(strategy, space),
    ];
    const held = await nodes[0]!.hold();
    const served: number[] = [];
    const waits: Promise<unknown>[] = [];
    const wait = async (by: Contender, place: number) => {
      const turn = await by.hold();
      served.push(place);
      await turn.release();
    };
    const queue = [1, 2, 2, 0, 1, 0, 0, 2, 1];
    for (const [place, node] of queue.entries()) {
      const by = nodes[node]!;
      waits.push(wait(by, place));
      await by.settle(space);
      await nodes[0]!.settle(space);
    }
    await held.release();
    await Promise.all(waits);
    same(served, [...queue.keys()], 'the order in which nine waiters were served');
  },
};

const failingService: Property<LockStrategy> = {
  name: 'a failing service is an error for everyone, and nobody waits behind it',
  exempt: excludes,
  async check(strategy, space) {
    const b = await Contender.of(strategy, space);
    const held = await b.hold();
    const waiting = failureOf(b.acquire(), 'a wait behind a service that failed');
    await b.settle(space);
    await closeBackends(b.node);
    const errors = await Promise.all([
      failureOf(held.release(), 'a release without its service'),
      waiting,
      ...[1, 2, 3].map(() => failureOf(b.acquire(), 'asking for a lock without its service')),
    ]);
    const other = errors.find((error) => !isServiceFailure(error));
    holds(other === undefined, `what was thrown is no BackendError: ${String(other)}`);
  },
};

export const WAITING: readonly Property<LockStrategy>[] = [
  bounded,
  abortable,
  passedOver,
  wakesOthers,
  servedInOrder,
  failingService,
];
