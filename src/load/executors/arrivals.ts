import { SeededRandom } from '../../kernel/random.ts';
import type { ArrivalPlan } from '../../scenarios/executors/executor.ts';
import { busyShare, partOf, waitUntil, type Drive, type Share } from './drive.ts';

/** Sets the random gaps between arrivals apart from what the customers draw. */
const GAPS_STREAM = -1_000;

/** Arrivals begun in a row at the ends of others, after which timers and sockets have their turn. */
const MAX_IN_A_ROW = 128;

/**
 * One node's arrivals, one after another. Arrival i is due where the curve's integral reaches i; Poisson arrivals
 * where it reaches the sum of i + 1 exponential gaps (E. Çınlar, "Introduction to Stochastic Processes", 1975:
 * inversion). All nodes draw the same gaps and take turns, so that their number changes nothing.
 */
export class Arrivals {
  readonly #plan: ArrivalPlan;
  readonly #nodes: number;
  readonly #random: SeededRandom;
  #reached = 0;
  #number: number;
  #dueMs: number;

  constructor(plan: ArrivalPlan, { node, nodes }: Share, seed: number) {
    this.#plan = plan;
    this.#nodes = nodes;
    this.#random = new SeededRandom(seed, GAPS_STREAM);
    this.#number = node;
    this.#dueMs = this.#timeAfter(node + 1);
  }

  /** Of the next arrival, in the whole load. */
  get number(): number {
    return this.#number;
  }

  /** When it is due, from the begin of the load. At or beyond the end of the curve there are no more. */
  get dueMs(): number {
    return this.#dueMs;
  }

  next(): void {
    this.#number += this.#nodes;
    this.#dueMs = this.#timeAfter(this.#nodes);
  }

  /** The time of `#number`, that many arrivals after the one before. */
  #timeAfter(steps: number): number {
    const { curve, spacing } = this.#plan;
    if (spacing === 'uniform') return curve.timeOf(this.#number);
    for (let step = 0; step < steps; step += 1) this.#reached -= Math.log1p(-this.#random.next());
    return curve.timeOf(this.#reached);
  }
}

/**
 * The open model: customers arrive at their own pace, whether or not the shop keeps up. Times are counted from the
 * intended arrival, so that a stall is felt by all who came during it. Resolves when the last iteration has ended.
 */
export const runArrivals = async (plan: ArrivalPlan, drive: Drive): Promise<void> => {
  const { clock, startMs, endMs, seed } = drive;
  const share = busyShare(plan.maxVus, drive.share);
  const mayRun = partOf(plan.maxVus, share);
  if (mayRun === 0) return;
  const arrivals = new Arrivals(plan, share, seed);
  const running = new Set<Promise<void>>();
  let inARow = 0;

  const beginDue = () => {
    const now = clock.now();
    let due = 0;
    let begun = 0;
    for (; ; arrivals.next()) {
      const dueMs = startMs + arrivals.dueMs;
      if (dueMs > now || dueMs >= endMs || arrivals.number >= plan.iterations || drive.stopped()) break;
      due += 1;
      if (running.size >= mayRun) drive.drop();
      else {
        begun += 1;
        begin(arrivals.number, dueMs);
      }
    }
    if (due > 0) drive.arrived(due, now < endMs ? begun : 0);
  };
  const begin = (number: number, dueMs: number) => {
    const iteration = drive.iterate(number, dueMs).finally(() => {
      running.delete(iteration);
      inARow += 1;
      // An answer often comes sooner than the next tick of a timer.
      if (inARow < MAX_IN_A_ROW) beginDue();
    });
    running.add(iteration);
  };

  for (;;) {
    inARow = 0;
    beginDue();
    const dueMs = startMs + arrivals.dueMs;
    if (drive.stopped() || dueMs >= endMs || arrivals.number >= plan.iterations) break;
    await waitUntil(drive, dueMs);
  }
  await Promise.all(running);
};
