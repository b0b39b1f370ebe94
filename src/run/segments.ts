import type { ServiceName } from '../backends/ports.ts';
import { lockMastersOf } from '../engine/compose.ts';
import type { ServiceUrls } from '../load/connect.ts';
import type { Segment } from '../load/protocol.ts';
import type { Scenario } from '../scenarios/schema.ts';
import {
  SERVICE_NAMES,
  type Endpoint,
  type Endpoints,
  type Provisioned,
  type ProvisionRequest,
} from '../services/types.ts';

/** The URLs of the real services among `endpoints`, or of those that are `wanted`. They carry passwords. */
export const urlsOf = (
  endpoints: Endpoints,
  wanted: (endpoint: Endpoint) => boolean = () => true,
): { [Service in ServiceName]?: string } =>
  Object.fromEntries(
    SERVICE_NAMES.flatMap((name) => {
      const { url } = endpoints[name];
      return url !== undefined && wanted(endpoints[name]) ? [[name, url]] : [];
    }),
  );

/** Asks for what the scenarios' locks want beside the services. */
export const withLockMasters = (
  services: ProvisionRequest,
  scenarios: readonly Scenario[],
): ProvisionRequest => ({
  ...services,
  lockMasters: Math.max(0, ...scenarios.map(({ engine }) => lockMastersOf(engine.lock))),
});

/** The lock masters that a scenario uses of those that are there. */
export const mastersFor = ({ lockMasters }: Provisioned, { engine }: Scenario): readonly Endpoint[] =>
  lockMasters.slice(0, lockMastersOf(engine.lock));

/** The URLs of what a scenario uses of the services that are there. */
export const urlsFor = (provisioned: Provisioned, scenario: Scenario): ServiceUrls => ({
  ...urlsOf(provisioned.endpoints),
  lockMasters: mastersFor(provisioned, scenario).map(({ url }) => url),
});

/** The URLs of those servers that go on when the run has ended. */
export const lastingUrlsOf = ({ endpoints, lockMasters }: Provisioned) => {
  const masters = lockMasters.flatMap(({ url, outlivesRun }) =>
    outlivesRun && url !== undefined ? [url] : [],
  );
  return {
    ...urlsOf(endpoints, ({ outlivesRun }) => outlivesRun),
    ...(masters.length > 0 && { lockMasters: masters }),
  };
};

/** Simulated services live in a worker, and so does the run's space then. */
export const anySimulated = (urls: ServiceUrls): boolean =>
  SERVICE_NAMES.some((name) => urls[name] === undefined) || urls.lockMasters?.includes(undefined) === true;

/** One worker per node; all nodes in one where they share simulated services. */
export const segmentsOf = (
  runId: string,
  { scenario, feeds }: Pick<Segment, 'scenario' | 'feeds'>,
  services: ServiceUrls,
): Segment[] => {
  const nodes = Array.from({ length: scenario.engine.nodes }, (_, node) => node);
  const segment = { runId, scenario, feeds, services };
  return anySimulated(services)
    ? [{ ...segment, nodes }]
    : nodes.map((node) => ({ ...segment, nodes: [node] }));
};

/** How many worker threads the largest of the scenarios needs. */
export const threadsFor = (provisioned: Provisioned, scenarios: readonly Scenario[]): number =>
  Math.max(
    ...scenarios.map((scenario) =>
      anySimulated(urlsFor(provisioned, scenario)) ? 1 : scenario.engine.nodes,
    ),
  );
