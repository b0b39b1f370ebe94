import type { Evidence, Invariant, InvariantResult } from './evidence.ts';
import { noDuplicateOrders } from './invariants/no-duplicate-orders.ts';
import { noLostMessages } from './invariants/no-lost-messages.ts';
import { noLostOrders } from './invariants/no-lost-orders.ts';
import { noOversell } from './invariants/no-oversell.ts';
import { noPhantomOrders } from './invariants/no-phantom-orders.ts';
import { perUserLimit } from './invariants/per-user-limit.ts';
import { stockConservation } from './invariants/stock-conservation.ts';

/** Every invariant, the worst breach first. Described in docs/invariants.md. */
export const INVARIANTS: readonly Invariant[] = [
  noOversell,
  stockConservation,
  noLostOrders,
  noPhantomOrders,
  noDuplicateOrders,
  perUserLimit,
  noLostMessages,
];

/**
 * Judges a finished run by its evidence, which must not change any more. Pure: the same evidence gives the same
 * results. An invariant that the scenario does not ask for is left out, since `unknown` would spoil the verdict.
 */
export const audit = (evidence: Evidence): readonly InvariantResult[] =>
  INVARIANTS.filter(({ name }) => isAsked(name, evidence)).map((invariant) => invariant.check(evidence));

const isAsked = (name: Invariant['name'], { catalogue }: Evidence): boolean =>
  name !== 'per-user-limit' || catalogue.limitPerUser > 0;
