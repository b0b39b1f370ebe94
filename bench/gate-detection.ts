import { withRounds } from '../src/run/round.ts';
import { countOf, GateLog, never, oneGate, printOutcomes, saleOf, silent } from './kit/gates.ts';
import { median, printBar } from './kit/rounds.ts';
import { withServices, type Urls } from './kit/services.ts';

/** Gates of a sale against itself, in which each order of the candidate takes 15 % longer than it did. */
const GATES = 10;
const SLOWDOWN = 0.15;
const DETECTION_BAR = 9;
/** The first is slower than all others. */
const ROUNDS_TO_LEARN = 6;

const log = new GateLog('gate-detection');
const sale = await saleOf(0);

/** How long an order takes, on average, as things are now. */
const meanOrderUs = (urls: Urls): Promise<number> =>
  withRounds(
    {
      scenarios: [sale],
      services: { mode: 'given', given: urls, allowRemote: false },
      command: 'npm run bench',
    },
    never,
    silent,
    async (measure) => {
      const means: number[] = [];
      for (let round = 0; round < ROUNDS_TO_LEARN; round += 1)
        means.push((await measure(sale, round)).result.latency['order.latency'].mean);
      return median(means.slice(1));
    },
  );

await withServices(async (urls) => {
  for (let gate = log.read().length; gate < GATES; gate += 1) {
    const busyUs = SLOWDOWN * (await meanOrderUs(urls));
    log.add({ ...(await oneGate(gate, sale, await saleOf(busyUs), urls)), busyUs });
  }
});
const outcomes = log.read();
printOutcomes(outcomes);
printBar(`detections in ${outcomes.length} gates`, countOf(outcomes, 'regression'), '>=', DETECTION_BAR);
