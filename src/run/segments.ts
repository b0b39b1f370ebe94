import type { ServiceName } from '../backends/ports.ts';
import type { ServiceUrls } from '../load/connect.ts';
import type { Segment } from '../load/protocol.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { SERVICE_NAMES, type Endpoint, type Endpoints } from '../services/types.ts';

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

/** Simulated services live in a worker, and so does the run's space then. */
export const anySimulated = (urls: ServiceUrls): boolean =>
  SERVICE_NAMES.some((name) => urls[name] === undefined);

/** One worker per node; all nodes in one where they share simulated services. */
export const segmentsOf = (runId: string, scenario: Scenario, services: ServiceUrls): Segment[] => {
  const nodes = Array.from({ length: scenario.engine.nodes }, (_, node) => node);
  const segment = { runId, scenario, services };
  return anySimulated(services)
    ? [{ ...segment, nodes }]
    : nodes.map((node) => ({ ...segment, nodes: [node] }));
};
