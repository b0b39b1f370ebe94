import type { Command } from 'commander';
import { renderLoadPlan } from '../../report/load-plan.ts';
import { columnsOf, type Io } from '../io.ts';
import { scenarioOf } from './scenario-choice.ts';

const WIDEST = 100;

/** Checks everything about the scenario and prints what a run would do; starts nothing. */
export const dryRun = (io: Io, name: string, command: Command): void => {
  io.stdout.write(renderLoadPlan(scenarioOf(command, name), Math.min(WIDEST, columnsOf(io.stdout))));
};
