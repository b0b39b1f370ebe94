import { withRounds } from '../src/run/round.ts';
import { countOf, GateLog, never, oneGate, printOutcomes, saleOf, silent } from './kit/gates.ts';
import { median, printBar } from './kit/rounds.ts';
import { withServices, type Urls } from './kit/services.ts';

/** Gates of a sale against itself, in which each order of the candidate works 15 % of its usual time longer. */
const GATES = 10;
const SLOWDOWN = 0.15;
const DETECTION_BAR = 9;
/** The first is slower than all others. */
const ROUNDS_TO_LEARN = 6;

const log = new GateLog('gate-detection');
const sale = await saleOf(0);

/** How long an order usually takes, as things are now: the median, which is not more than the mean. */
const usualOrderUs = (urls: Urls): Promise<number> =>
  withRounds(
    {
      scenarios: [sale],
      services: { mode: 'given', given: urls, allowRemote: false },
      command: 'npm run bench',
    },
    never,
    silent,
    async (measure) => {
      const medians: number[] = [];
      for (let round = 0; round < ROUNDS_TO_LEARN; round += 1)
        medians.push((await measure(sale, round)).result.latency['order.latency'].p50);
      return median(medians.slice(1));
    },
  );

await withServices(async (urls) => {
  for (let gate = log.read().length; gate < GATES; gate += 1) {
    const busyUs = SLOWDOWN * (await usualOrderUs(urls));
    log.add({ ...(await oneGate(gate, sale, await saleOf(busyUs), urls)), busyUs });
  }
});
const outcomes = log.read();
printOutcomes(outcomes);
printBar(`detections in ${outcomes.length} gates`, countOf(outcomes, 'regression'), '>=', DETECTION_BAR);
