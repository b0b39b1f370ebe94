import { wallClock } from '../../kernel/clock.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { buildGateReport, type GateFindings } from '../../report/gate/build.ts';
import { judgePairs } from '../../report/gate/judge.ts';
import type { Margins } from '../../report/gate/metrics.ts';
import type { GateReport, GateRound } from '../../report/gate/model.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import type { Endpoints, ProvisionRequest } from '../../services/types.ts';
import { environment, servicesOf } from '../origin.ts';
import type { Interrupts, Observer } from '../request.ts';
import { withRounds } from '../round.ts';
import { withServices } from '../run-scenario.ts';
import type { Arm } from './arms.ts';
import { runInstalled, type Installed } from './installed.ts';
import { measurePairs, type Measured } from './measure.ts';

/** What every gate is asked for. */
export interface GateRequest {
  readonly scenario: Scenario;
  readonly services: ProvisionRequest;
  readonly command: string;
  readonly margins: Margins;
  readonly pairs: number;
  readonly maxPairs: number;
}

/** What the candidate is measured against: the scenario with other settings, or another trade-sim with these. */
export type Base =
  | { readonly kind: 'scenario'; readonly label: string; readonly scenario: Scenario }
  | {
      readonly kind: 'installed';
      readonly label: string;
      /** Both sides run as processes of their own, so that neither has an advantage. */
      readonly processesOn: (endpoints: Endpoints) => Readonly<Record<Arm['name'], Installed>>;
    };

/** Measures candidate and base in turns, and judges the difference. */
export const gateAgainst = async (
  request: GateRequest,
  base: Base,
  interrupts: Interrupts,
  observer: Observer,
): Promise<GateReport> => {
  const { scenario, margins, services, command } = request;
  const startedMs = wallClock.now();
  const startedAt = new Date(wallClock.epoch()).toISOString();
  const random = new SeededRandom(scenario.seed);
  const measure = (arms: readonly Arm[], endpoints: Endpoints) =>
    measurePairs(
      { ...request, arms, random, judge: (rounds) => judgePairs(pairsOf(rounds), margins, scenario.seed) },
      interrupts,
      observer,
    ).then((measured) => ({ measured, endpoints }));

  const { measured, endpoints } =
    base.kind === 'scenario'
      ? await withRounds(
          { scenarios: [scenario, base.scenario], services, command },
          interrupts,
          observer,
          (round, found) =>
            measure(
              [
                { name: 'base', measure: async (n) => (await round(base.scenario, n)).result },
                { name: 'candidate', measure: async (n) => (await round(scenario, n)).result },
              ],
              found,
            ),
        )
      : await withServices(services, interrupts, observer, async ({ endpoints: found }) =>
          measure(
            Object.entries(base.processesOn(found)).map(([name, installed]) => ({
              name: name as Arm['name'],
              measure: (n) => runInstalled(installed, scenario.seed + n, interrupts),
            })),
            found,
          ),
        );
  return buildGateReport({
    ...factsOf(request, measured, endpoints),
    startedAt,
    durationMs: wallClock.now() - startedMs,
    base: base.label,
    against: 'arm',
    speed: undefined,
    unlike: [],
    notes: [],
  });
};

/** What of a gate's findings does not depend on what it was measured against. */
export const factsOf = (
  { scenario, command, maxPairs }: GateRequest,
  measured: Measured,
  endpoints: Endpoints,
): Omit<GateFindings, 'startedAt' | 'durationMs' | 'base' | 'against' | 'speed' | 'unlike' | 'notes'> => ({
  scenario: scenario.name,
  seed: scenario.seed,
  command,
  maxPairs,
  environment: environment(),
  services: servicesOf(endpoints),
  pairs: measured.pairs,
  rounds: measured.rounds,
  findings: measured.findings,
  audits: measured.audits,
  ended: measured.ended,
});

/** Rounds as they were run, two by two. */
export const pairsOf = (rounds: readonly GateRound[]) =>
  rounds
    .filter(({ arm }) => arm === 'base')
    .map((base) => ({
      base,
      candidate: rounds.find(({ arm, pair }) => arm === 'candidate' && pair === base.pair)!,
    }));
