import { SeededRandom } from '../../../../src/kernel/random.ts';
import { buildGateReport, type GateFindings } from '../../../../src/report/gate/build.ts';
import { judgePairs } from '../../../../src/report/gate/judge.ts';
import { DEFAULT_MARGINS } from '../../../../src/report/gate/metrics.ts';
import type { GateReport } from '../../../../src/report/gate/model.ts';
import { resultFixture } from '../../../support/result-fixture.ts';
import { asRound, pairsOf } from './rounds.ts';

const { environment, run, audit } = resultFixture();

/** A gate's report over made-up rounds. */
export const gateReport = (slowdown = 0, changes: Partial<GateFindings> = {}): GateReport => {
  const pairs = pairsOf(7, new SeededRandom(1), 0.005, slowdown);
  return buildGateReport({
    scenario: 'sale',
    seed: 1,
    startedAt: '2026-11-24T10:00:00.000Z',
    durationMs: 60_000,
    command: 'trade-sim gate sale --against lock=none',
    base: 'lock=none',
    against: 'arm',
    pairs: 7,
    maxPairs: 15,
    environment,
    services: run.services,
    rounds: pairs.flatMap(({ base, candidate }, index) => [
      asRound('base', index + 1, base),
      asRound('candidate', index + 1, candidate),
    ]),
    findings: judgePairs(pairs, DEFAULT_MARGINS, 1),
    audits: pairs.map(() => audit),
    ended: undefined,
    speed: undefined,
    unlike: [],
    notes: [],
    ...changes,
  });
};
