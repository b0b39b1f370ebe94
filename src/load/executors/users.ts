import type { UserPlan } from '../../scenarios/executors/executor.ts';
import { peakVus, spansOf } from '../../scenarios/executors/levels.ts';
import { busyShare, goesOn, partOf, waitUntil, type Drive } from './drive.ts';

/** Iterations in a row after which a worker lets timers and sockets have their turn, whatever the journeys await. */
const BREATHE_EVERY = 128;

/**
 * The closed model: virtual users, each starting its next iteration when the last one has ended, as long as it is
 * to be at work. Resolves when the last iteration has ended.
 */
export const runUsers = async (plan: UserPlan, drive: Drive): Promise<void> => {
  const crew = new Crew(plan, drive);
  const { node, nodes } = drive.share;
  for (const { vu, fromMs, untilMs } of spansOf(plan.levels)) {
    if (vu % nodes !== node) continue;
    const dueMs = drive.startMs + fromMs;
    if (drive.clock.now() < dueMs && !(await waitUntil(drive, dueMs))) break;
    crew.work((vu - node) / nodes, drive.startMs + untilMs);
  }
  await crew.rest();
};

/** The virtual users of one node, counted from 0 in it. */
class Crew {
  readonly #drive: Drive;
  readonly #iterations: number;
  /** Until when each is to be at work, on the clock. */
  readonly #untilMs: Float64Array;
  /** Of each one's next iteration; or, first come, first served, of the next one of the node. */
  readonly #numbers: Float64Array;
  readonly #step: number;
  readonly #isShared: boolean;
  /** By user: 1 while one is at work. A byte and not its promise, since there may be a million. */
  readonly #isBusy: Uint8Array;
  #busy = 0;
  #begun = 0;
  #onRest = () => {};

  constructor({ levels, iterations, deal }: UserPlan, drive: Drive) {
    const vus = peakVus(levels);
    const { node, nodes } = drive.share;
    const mine = partOf(vus, drive.share);
    this.#drive = drive;
    this.#iterations = iterations;
    this.#isShared = deal === 'first-come';
    this.#untilMs = new Float64Array(mine);
    this.#isBusy = new Uint8Array(mine);
    this.#numbers = Float64Array.from({ length: mine }, (_, index) => node + index * nodes);
    // In turn, the k-th iteration of user v is number k * vus + v, however the users are spread over nodes.
    this.#step = this.#isShared ? busyShare(vus, drive.share).nodes : vus;
  }

  /** Puts a user to work; one that has not ended its former iteration yet stays. */
  work(user: number, untilMs: number): void {
    this.#untilMs[user] = untilMs;
    if (this.#isBusy[user] === 1) return;
    this.#isBusy[user] = 1;
    this.#busy += 1;
    void this.#live(user);
  }

  /** Resolves when nobody is at work any more. */
  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRest = resolve;
      if (this.#busy === 0) resolve();
    });
  }

  /** Never rejects, as iterations do not. */
  async #live(user: number): Promise<void> {
    const drive = this.#drive;
    const pile = this.#isShared ? 0 : user;
    while (
      this.#numbers[pile]! < this.#iterations &&
      goesOn(drive) &&
      drive.clock.now() < this.#untilMs[user]!
    ) {
      const number = this.#numbers[pile]!;
      this.#numbers[pile] = number + this.#step;
      this.#begun += 1;
      if (this.#begun % BREATHE_EVERY === 0) await drive.breathe();
      await drive.iterate(number, undefined);
    }
    this.#isBusy[user] = 0;
    this.#busy -= 1;
    if (this.#busy === 0) this.#onRest();
  }
}
