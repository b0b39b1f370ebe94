import type { Command } from 'commander';
import { usageError } from '../../kernel/errors.ts';
import { parseMargins } from '../../report/gate/metrics.ts';
import type { GateRequest } from '../../run/gate/gate.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import { commandLine } from '../command-line.ts';
import type { Io } from '../io.ts';
import { scenarioOf } from './scenario-choice.ts';
import { provisionRequestOf } from './service-request.ts';

export interface RoundsOptions {
  readonly margin?: readonly string[];
  readonly pairs: number;
  readonly maxPairs: number;
}

/** What gate, calibrate and baseline have in common. */
export const gateRequestOf = async (
  io: Io,
  name: string,
  { margin, pairs, maxPairs }: RoundsOptions,
  command: Command,
): Promise<GateRequest> => {
  if (pairs > maxPairs) throw usageError(`--pairs ${pairs} is more than --max-pairs ${maxPairs}`);
  return {
    scenario: withoutThresholds(await scenarioOf(command, name)),
    services: provisionRequestOf(command),
    command: commandLine(io.argv),
    margins: parseMargins(margin ?? []),
    pairs,
    maxPairs,
  };
};

/** They are a single run's business, and one that ends a run early would leave half a round. */
export const withoutThresholds = (scenario: Scenario): Scenario => ({ ...scenario, thresholds: [] });

/** The commit, where a CI server says it: GitHub, GitLab. */
export const revisionOf = ({ env }: Io): string => env['GITHUB_SHA'] ?? env['CI_COMMIT_SHA'] ?? '';
