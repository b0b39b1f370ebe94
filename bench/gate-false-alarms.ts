import { countOf, GateLog, oneGate, printOutcomes, saleOf } from './kit/gates.ts';
import { printBar } from './kit/rounds.ts';
import { withServices } from './kit/services.ts';

/** Gates of a sale against itself: each regression that they see is a false alarm. */
const GATES = 40;
const FALSE_ALARM_BAR = 1;

const log = new GateLog('gate-false-alarms');
const sale = await saleOf(0);
await withServices(async (urls) => {
  for (let gate = log.read().length; gate < GATES; gate += 1)
    log.add({ ...(await oneGate(gate, sale, sale, urls)), busyUs: 0 });
});
const outcomes = log.read();
printOutcomes(outcomes);
printBar(`false alarms in ${outcomes.length} gates`, countOf(outcomes, 'regression'), '<=', FALSE_ALARM_BAR);
