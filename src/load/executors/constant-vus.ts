import type { LoadConfig } from '../../scenarios/schema.ts';
import { partOf, type Drive, type Executor } from './executor.ts';

type Config = Extract<LoadConfig, { executor: 'constant-vus' }>;

/** Iterations in a row after which a worker lets timers and sockets have their turn, whatever the journeys await. */
const BREATHE_EVERY = 128;

/** The closed model: so many virtual users, each starting its next iteration when the last one has ended. */
export const constantVus: Executor<Config> = {
  vus: ({ vus }) => vus,
  async run({ vus, iterations = Infinity }, drive) {
    const { node, nodes } = drive.share;
    let begun = 0;
    /** The k-th iteration of virtual user v is number k * vus + v, however the users are spread over nodes. */
    const live = async (vu: number) => {
      for (let number = vu; number < iterations && goesOn(drive); number += vus) {
        begun += 1;
        if (begun % BREATHE_EVERY === 0) await drive.breathe();
        await drive.iterate(number, undefined);
      }
    };
    const mine = partOf(vus, drive.share);
    await Promise.all(Array.from({ length: mine }, (_, i) => live(node + i * nodes)));
  },
};

const goesOn = (drive: Drive): boolean => !drive.stopped() && drive.clock.now() < drive.endMs;
