import type { Command } from 'commander';
import { noiseOf } from '../../report/gate/noise.ts';
import { renderGate, renderNoise } from '../../report/gate/terminal.ts';
import { renderJson } from '../../report/json.ts';
import { gateAgainst, pairsOf } from '../../run/gate/gate.ts';
import type { CliContext } from '../context.ts';
import { LEAST_PAIRS } from '../gate-options.ts';
import { columnsOf, usesColor } from '../io.ts';
import { gateRequestOf } from './gate-request.ts';
import { whileInterruptible } from './interruptible.ts';

export interface CalibrateOptions {
  readonly pairs: number;
  readonly json?: true;
  readonly quiet?: boolean;
  readonly progress: boolean;
}

/** Runs a gate of a scenario against itself: whatever it finds is noise. */
export const calibrate = async (
  { io, setExitCode }: CliContext,
  name: string,
  options: CalibrateOptions,
  command: Command,
): Promise<void> => {
  const { pairs } = options;
  const request = await gateRequestOf(io, name, { pairs, maxPairs: pairs }, command);
  const { scenario } = request;
  const report = await whileInterruptible(io, options, (interrupts, observer) =>
    gateAgainst(request, { kind: 'scenario', label: 'itself', scenario }, interrupts, observer),
  );
  const screen = { columns: columnsOf(io.stdout), color: usesColor(io, io.stdout) };
  if (report.pairs < pairs) {
    setExitCode(report.exitCode);
    io.stdout.write(renderGate(report, screen));
    return;
  }
  const noise = noiseOf(pairsOf(report.rounds), LEAST_PAIRS, scenario.seed);
  if (options.json) io.stdout.write(renderJson({ schema: 'trade-sim.noise/1', noise, report }));
  else io.stdout.write(renderNoise(report, noise, screen));
};
