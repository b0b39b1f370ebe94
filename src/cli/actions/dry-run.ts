import type { Command } from 'commander';
import { renderLoadPlan } from '../../report/load-plan.ts';
import { loadFeeds } from '../../scenarios/feeders/load-feeds.ts';
import { columnsOf, type Io } from '../io.ts';
import { scenarioOf } from './scenario-choice.ts';

const WIDEST = 100;

/** Checks everything about the scenario and prints what a run would do; starts nothing. */
export const dryRun = async (io: Io, name: string, command: Command): Promise<void> => {
  const scenario = await scenarioOf(command, name);
  const feeds = await loadFeeds(scenario);
  io.stdout.write(renderLoadPlan(scenario, Math.min(WIDEST, columnsOf(io.stdout)), feeds));
};
