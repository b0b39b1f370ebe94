import { wallClock } from '../../kernel/clock.ts';
import { TradeSimError } from '../../kernel/errors.ts';
import { ExitCode } from '../../kernel/exit-codes.ts';
import { SeededRandom } from '../../kernel/random.ts';
import { decompress, mergeEncoded } from '../../measure/histogram.ts';
import { summarize } from '../../measure/summary.ts';
import type { Baseline, Calibration } from '../../report/gate/baseline.ts';
import { buildGateReport } from '../../report/gate/build.ts';
import { differences, speedRange, speedRatios, unlikeness } from '../../report/gate/fingerprint.ts';
import type { Gated } from '../../report/gate/gated.ts';
import { judgeAgainstRecord } from '../../report/gate/judge.ts';
import type { GateReport } from '../../report/gate/model.ts';
import type { Endpoints } from '../../services/types.ts';
import { environment, servicesOf } from '../origin.ts';
import type { Interrupts, Observer } from '../request.ts';
import { withRounds } from '../round.ts';
import { calibrate } from './calibration.ts';
import { factsOf, type GateRequest } from './gate.ts';
import { measurePairs, type MeasureRequest } from './measure.ts';

/** Runs the scenario's rounds, measures the machine, and gives both. Rejects when they did not all come to their end. */
export const recordBaseline = async (
  request: GateRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<Baseline> => {
  const { scenario, command } = request;
  const recordedAt = new Date(wallClock.epoch()).toISOString();
  const { measured, endpoints, calibration } = await measureHere(
    request,
    () => () => [],
    interrupts,
    observer,
  );
  const { ended, rounds, results } = measured;
  if (ended !== undefined)
    throw new TradeSimError(
      EARLY_EXITS[ended.kind],
      ended.kind === 'interrupted' ? 'interrupted: no baseline was recorded' : ended.reason,
      ended.kind === 'interrupted' ? {} : { hint: 'No baseline was recorded.' },
    );
  return {
    schema: 'trade-sim.baseline/1',
    scenario: scenario.name,
    recordedAt,
    command,
    configuration: JSON.parse(JSON.stringify(scenario)) as Baseline['configuration'],
    environment: environment(),
    services: servicesOf(endpoints),
    calibration,
    rounds: [...rounds],
    orderLatency: mergedLatency(results),
  };
};

const EARLY_EXITS = {
  violated: ExitCode.invariantViolated,
  'service-lost': ExitCode.serviceUnavailable,
  empty: ExitCode.inconclusive,
  interrupted: ExitCode.interrupted,
} as const;

const mergedLatency = (results: readonly Gated[]): string =>
  summarize(mergeEncoded(results.map(({ latency }) => decompress(latency['order.latency'].hdr)))).hdr;

/** Measures the scenario and judges it against a recorded baseline, as it would be on this machine. */
export const gateAgainstBaseline = async (
  request: GateRequest,
  baseline: Baseline & { readonly label: string },
  interrupts: Interrupts,
  observer: Observer,
): Promise<GateReport> => {
  const { scenario, margins } = request;
  const startedMs = wallClock.now();
  const startedAt = new Date(wallClock.epoch()).toISOString();
  const { measured, endpoints, calibration } = await measureHere(
    request,
    (now) => (rounds) =>
      judgeAgainstRecord(
        baseline.rounds,
        rounds,
        speedRange(speedRatios(baseline.calibration, now)),
        margins,
        scenario.seed,
      ),
    interrupts,
    observer,
  );
  const facts = factsOf(request, measured, endpoints);
  const speed = speedRatios(baseline.calibration, calibration);
  return buildGateReport({
    ...facts,
    startedAt,
    durationMs: wallClock.now() - startedMs,
    base: `${baseline.label}, recorded ${baseline.recordedAt.slice(0, 16).replace('T', ' ')} UTC`,
    against: 'baseline',
    speed,
    unlike: unlikeness(facts, baseline, speed),
    notes: differences(facts, baseline, scenario.engine),
  });
};

const measureHere = (
  request: GateRequest,
  judgeWith: (calibration: Calibration) => MeasureRequest['judge'],
  interrupts: Interrupts,
  observer: Observer,
) =>
  withRounds(
    { scenarios: [request.scenario], services: request.services, command: request.command },
    interrupts,
    observer,
    async (round, endpoints: Endpoints) => {
      observer.phase('calibrating: what this machine does anyway');
      const calibration = await calibrate(endpoints, AbortSignal.any([interrupts.stop, interrupts.kill]));
      const measured = await measurePairs(
        {
          ...request,
          arms: [{ name: 'candidate', measure: async (n) => (await round(request.scenario, n)).result }],
          random: new SeededRandom(request.scenario.seed),
          judge: judgeWith(calibration),
        },
        interrupts,
        observer,
      );
      return { measured, endpoints, calibration };
    },
  );
