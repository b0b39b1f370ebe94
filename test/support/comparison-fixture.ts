import type { Comparison, DesignFacts } from '../../src/report/comparison.ts';
import { armOf, type ArmIdentity } from '../../src/report/comparison/arm.ts';
import { buildComparison } from '../../src/report/comparison/build.ts';
import type { Result } from '../../src/report/model.ts';
import { latencySummary, resultFixture } from './result-fixture.ts';
import { hostile, HOSTILE } from './result-variants.ts';

const FACTS: DesignFacts = {
  options: 8,
  services: ['redis', 'rabbitmq', 'postgres'],
  lockMasters: 0,
  oversellSafe: 'always',
  delivery: 'at-least-once',
};

/** A round in which `accepted` orders were accepted in 10 s, and nothing else happened. */
export const round = (accepted: number, changes: Partial<Result> = {}): Result => {
  const base = resultFixture();
  return resultFixture({
    run: { ...base.run, durationMs: 10_000 },
    orders: {
      ...base.orders,
      attempted: accepted,
      accepted,
      replayed: 0,
      soldOut: 0,
      limitReached: 0,
      contended: 0,
    },
    ...changes,
  });
};

export const rounds = (...accepted: readonly number[]): Result[] => accepted.map((count) => round(count));

/** The same round on so many nodes. */
export const onNodes = (nodes: number, result: Result): Result => ({
  ...result,
  run: { ...result.run, nodes },
});

/** An arm by what it sets, named by it. */
export const arm = (
  choices: Readonly<Record<string, string>>,
  results: readonly Result[],
  changes: Partial<ArmIdentity> = {},
): Comparison['arms'][number] => {
  const { 'engine.nodes': nodes, ...others } = choices;
  const design = Object.values(others).join(' · ');
  return armOf(
    {
      label: nodes === undefined ? design : [...Object.values(others), `nodes ${nodes}`].join(' · '),
      design,
      choices,
      isOpenLoad: false,
      facts: FACTS,
      ...changes,
    },
    results.map((result) => ({ result, overheadMs: 640 })),
  );
};

export const comparisonOf = (arms: Comparison['arms'], changes: Partial<Comparison> = {}): Comparison => {
  const { environment, run } = resultFixture();
  const { schema: _, ...built } = buildComparison({
    scenario: 'flash-sale',
    seed: 1,
    rounds: 3,
    interrupted: false,
    command: 'trade-sim compare flash-sale --vary lock=none,token',
    environment: { ...environment },
    services: { ...run.services },
    arms,
  });
  return { schema: 'trade-sim.comparison/1', ...built, ...changes };
};

const violated = (accepted: number): Result =>
  round(accepted, {
    verdict: 'violated',
    reasons: ['no-oversell: 3 units oversold'],
    stockTotal: { ...resultFixture().stockTotal, oversold: 3 },
    audit: resultFixture().audit.map((entry) =>
      entry.invariant === 'no-oversell' ? { ...entry, verdict: 'violated' as const } : entry,
    ),
  });

const fastSlowAndOversold = (): Comparison => {
  const { latency } = resultFixture();
  const scaled = (rate: number, micros: number, nodes: number): Result[] =>
    [0.99, 1, 1.01].map((factor) =>
      onNodes(
        nodes,
        round(Math.round(rate * factor), {
          latency: { ...latency, 'order.latency': latencySummary(rate, micros) },
        }),
      ),
    );
  return comparisonOf([
    ...[1, 2, 4].map((nodes) =>
      arm(
        { 'engine.lock': 'none', 'engine.stock': 'lua', 'engine.nodes': String(nodes) },
        scaled((40_000 * nodes) / (1 + 0.1 * (nodes - 1)), 900, nodes),
      ),
    ),
    ...[1, 2, 4].map((nodes) =>
      arm(
        { 'engine.lock': 'token', 'engine.stock': 'lua', 'engine.nodes': String(nodes) },
        scaled((9_000 * nodes) / (1 + 0.6 * (nodes - 1) + 0.05 * nodes * (nodes - 1)), 9_600, nodes),
        { facts: { ...FACTS, options: 10 } },
      ),
    ),
    arm(
      { 'engine.lock': 'none', 'engine.stock': 'read-modify-write' },
      [violated(99_000), violated(99_100), violated(99_200)],
      { facts: { ...FACTS, oversellSafe: 'never' } },
    ),
  ]);
};

let fixture: Comparison | undefined;

/** A fast one, a slow one and one that oversold, on 1, 2 and 4 nodes each. Made once: its intervals take many draws. */
export const comparisonFixture = (): Comparison => (fixture ??= fastSlowAndOversold());

/** Every text in it is an attempt to break out of a report, and one holds a password. */
export const hostileComparison = (): Comparison => {
  const plain = comparisonFixture();
  const result = round(100, { ...hostile(), run: { ...hostile().run, nodes: 1, durationMs: 10_000 } });
  const hostileArm = arm({ [HOSTILE]: HOSTILE }, [result, result], {
    label: HOSTILE,
    design: HOSTILE,
    facts: { ...FACTS, services: [HOSTILE], delivery: HOSTILE },
  });
  return comparisonOf([...plain.arms, hostileArm], {
    scenario: HOSTILE,
    command: `trade-sim compare '${HOSTILE}' --redis redis://u:hunter2@127.0.0.1`,
    environment: { ...plain.environment, cpu: HOSTILE },
  });
};
