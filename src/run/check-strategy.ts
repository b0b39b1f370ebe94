import { judge, needsOf, type Judged } from '../contract/judge.ts';
import { PROPERTIES } from '../contract/properties.ts';
import type { Property } from '../contract/property.ts';
import { realWorld, simulatedWorld, type World } from '../contract/world.ts';
import type { StrategyOf } from '../engine/own-strategies.ts';
import type { StrategyPort } from '../engine/registry.ts';
import { TradeSimError } from '../kernel/errors.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import {
  exitCodeOf,
  verdictOf,
  type CheckedProperty,
  type JudgedIn,
  type StrategyCheck,
  type WorldName,
} from '../report/strategy-check.ts';
import { SERVICE_LABELS, SERVICE_NAMES, type Provisioned, type ProvisionRequest } from '../services/types.ts';
import type { Interrupts, Observer } from './request.ts';
import { withServices } from './run-scenario.ts';
import { urlsOf } from './segments.ts';

/** Each is another sequence of delays, and so another race. */
const SEEDS = [1, 2, 3];

/** A strategy with the port that it is for, and its module's URL if it is the user's. */
export type Subject = {
  readonly [Port in StrategyPort]: {
    readonly port: Port;
    readonly strategy: StrategyOf<Port>;
    readonly module?: string | undefined;
  };
}[StrategyPort];

interface NamedWorld {
  readonly name: WorldName;
  readonly worlds: readonly World[];
  readonly what: string;
}

/** Holds a strategy to its port's properties on the models, and on real servers where there are some. */
export const checkStrategy = (
  subject: Subject,
  services: ProvisionRequest,
  interrupts: Interrupts,
  observer: Observer,
): Promise<StrategyCheck> => {
  const { lockMasters = 0 } = needsOf(subject.strategy);
  return withServices({ ...services, lockMasters }, interrupts, observer, async (provisioned) => {
    const worlds: NamedWorld[] = [simulated(), ...real(provisioned)];
    const properties = PROPERTIES[subject.port] as readonly Property<Judged>[];
    const checked: CheckedProperty[] = [];
    const killed = untilAborted(interrupts.kill);
    killed.catch(() => {});
    for (const [index, property] of properties.entries()) {
      observer.phase(`${index + 1} of ${properties.length}: ${property.name}`);
      checked.push(await checkProperty(property, subject.strategy, worlds, interrupts.stop, killed));
    }
    const verdict = verdictOf(checked.map((one) => one.verdict));
    const { port, strategy, module } = subject;
    return {
      schema: 'trade-sim.strategy-check/1',
      strategy: { port, name: strategy.name, ...(module !== undefined && { module }) },
      verdict,
      exitCode: exitCodeOf(verdict),
      worlds: Object.fromEntries(worlds.map(({ name, what }) => [name, what])),
      notes: worlds.length > 1 ? [] : ['Real servers were not there: what only they do is not checked.'],
      properties: checked,
    };
  });
};

const checkProperty = async (
  property: Property<Judged>,
  strategy: Judged,
  worlds: readonly NamedWorld[],
  stop: AbortSignal,
  killed: Promise<never>,
): Promise<CheckedProperty> => {
  const judged: { [World in WorldName]?: JudgedIn } = {};
  for (const { name, worlds: ofOneKind } of worlds) {
    if (stop.aborted) throw interrupted();
    judged[name] = await Promise.race([judge(property, strategy, ofOneKind), killed]);
  }
  const verdict = verdictOf(Object.values(judged).map(({ kind }) => kind));
  return { name: property.name, verdict, worlds: judged };
};

const interrupted = () => new TradeSimError(ExitCode.interrupted, 'interrupted; there is no verdict');

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const abort = () => reject(interrupted());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
  });

const simulated = (): NamedWorld => ({
  name: 'simulated',
  worlds: SEEDS.map(simulatedWorld),
  what: `models in simulated time, each race with seeds ${SEEDS.join(', ')}`,
});

/** Only with all three: a mixture is neither. */
const real = ({ endpoints, lockMasters }: Provisioned): NamedWorld[] => {
  if (SERVICE_NAMES.some((name) => endpoints[name].url === undefined)) return [];
  const masters = lockMasters.map(({ url }) => url);
  return [
    {
      name: 'real',
      worlds: [realWorld({ ...urlsOf(endpoints), lockMasters: masters })],
      what: SERVICE_NAMES.map((name) => {
        const { version, origin } = endpoints[name];
        return `${SERVICE_LABELS[name]} ${version} (${origin})`;
      }).join(' · '),
    },
  ];
};
