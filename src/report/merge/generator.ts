import { worstHealth } from '../../measure/generator.ts';
import type { Result } from '../model.ts';
import { runIdsOf } from './parts.ts';

type Generator = Result['generator'];

const known = (values: readonly (number | null | undefined)[]): number[] =>
  values.flatMap((value) => value ?? []);

/** The worst of the runs in each figure, with the reasons of all. Those of single workers are left out. */
export const mergeGenerator = (results: readonly Result[]): Generator => {
  const all = results.map(({ generator }) => generator);
  const [first, ...others] = all;
  const cpuRatios = known(all.map(({ cpuRatio }) => cpuRatio));
  const stealRatios = known(all.map(({ stealRatio }) => stealRatio));
  const ceilings = known(all.map(({ ceilingPerSecond }) => ceilingPerSecond));
  return {
    ...worstHealth(
      all.map(({ loopDelayMaxMs = 0, gcPauses = 0, gcPauseMaxMs = 0, ...one }) => ({
        ...one,
        loopDelayMaxMs,
        gcPauses,
        gcPauseMaxMs,
      })),
    ),
    cpuRatio: cpuRatios.length > 0 ? Math.max(...cpuRatios) : null,
    stealRatio: stealRatios.length > 0 ? Math.max(...stealRatios) : null,
    arrivals: others.reduce((worst, { arrivals }) => worseArrivals(worst, arrivals), first?.arrivals) ?? null,
    ceilingPerSecond: ceilings.length > 0 ? Math.min(...ceilings) : null,
    ...(first?.limits && { limits: first.limits }),
    saturated: all.some(({ saturated }) => saturated),
    reasons: results.flatMap((result) =>
      (result.generator.reasons ?? []).map((reason) =>
        runIdsOf(result).length > 1 ? reason : `run ${result.run.id}: ${reason}`,
      ),
    ),
  };
};

const worseArrivals = (a: Generator['arrivals'], b: Generator['arrivals']): Generator['arrivals'] =>
  (b?.begunRatio ?? 1) < (a?.begunRatio ?? 1) ? b : (a ?? b);
