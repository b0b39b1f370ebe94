import { inject } from 'vitest';
import { judge, type Judged } from '../../src/contract/judge.ts';
import type { Property } from '../../src/contract/property.ts';
import { openSpace as openContractSpace, type ContractNode, type Space } from '../../src/contract/space.ts';
import { realWorld, simulatedWorld, type World as RaceWorld } from '../../src/contract/world.ts';
import { namespaceOf } from '../../src/engine/namespace.ts';
import { wallClock } from '../../src/kernel/clock.ts';
import { SeededRandom } from '../../src/kernel/random.ts';
import { connector, type ServiceUrls } from '../../src/load/connect.ts';

export type { Space } from '../../src/contract/space.ts';
export type TestNode = ContractNode;

export interface World {
  readonly world: string;
  /** `lockMasters`: Redis servers for a lock that votes, besides. */
  readonly open: (lockMasters?: number) => Promise<Space>;
}

let spaces = 0;

const openSpace = (services: ServiceUrls): Promise<Space> => {
  spaces += 1;
  const seed = spaces;
  const namespace = namespaceOf(`t${process.pid.toString(36)}x${Date.now().toString(36)}x${seed}`);
  return openContractSpace({
    namespace,
    connect: connector(services, namespace, new SeededRandom(seed)),
    clock: wallClock,
    virtual: false,
    randomOf: (node) => new SeededRandom(seed, node),
    turnMs: () => 0,
  });
};

/** Whatever holds for a strategy holds over real services and over their models alike. */
export const WORLDS: readonly World[] = [
  {
    world: 'real',
    open: (count = 0) => {
      const { lockMasters, ...services } = inject('services');
      return openSpace({ ...services, lockMasters: lockMasters.slice(0, count) });
    },
  },
  {
    world: 'simulated',
    open: (count = 0) => openSpace({ lockMasters: Array.from({ length: count }, () => undefined) }),
  },
];

interface Races {
  readonly world: string;
  readonly races: () => readonly RaceWorld[];
}

/** The worlds in which properties are judged; in simulated time a seed is a race. */
export const RACES: readonly Races[] = [
  { world: 'real', races: () => [realWorld(inject('services'))] },
  { world: 'simulated', races: () => [1, 2].map(simulatedWorld) },
];

/** Every property that a strategy is held to, with its judgement. */
export const judgedOf = <Strategy extends Judged>(
  properties: readonly Property<Strategy>[],
  strategy: Strategy,
  { races }: Races,
) =>
  properties
    .filter(({ exempt }) => exempt?.(strategy) === undefined)
    .map((property) => ({ name: property.name, judgement: () => judge(property, strategy, races()) }));
