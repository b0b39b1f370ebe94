import type { LoadPlan } from '../../scenarios/executors/executor.ts';
import { runArrivals } from './arrivals.ts';
import type { Drive } from './drive.ts';
import { runUsers } from './users.ts';

/** Runs one node's share of a load. Resolves when this node's last iteration has ended. */
export const runLoad = (plan: LoadPlan, drive: Drive): Promise<void> =>
  plan.kind === 'arrivals' ? runArrivals(plan, drive) : runUsers(plan, drive);
