import type { ServiceName } from '../backends/ports.ts';

export const SERVICE_NAMES = ['redis', 'rabbitmq', 'postgres'] as const satisfies readonly ServiceName[];

/** How services are written for people. */
export const SERVICE_LABELS: Readonly<Record<ServiceName, string>> = {
  redis: 'Redis',
  rabbitmq: 'RabbitMQ',
  postgres: 'PostgreSQL',
};

/** As people read it: `Redis, RabbitMQ`, or `5 Redis`. */
export const namesOf = (services: readonly ServiceName[]): string =>
  SERVICE_NAMES.flatMap((name) => {
    const count = services.filter((service) => service === name).length;
    return count === 0 ? [] : [count === 1 ? SERVICE_LABELS[name] : `${count} ${SERVICE_LABELS[name]}`];
  }).join(', ');

/** Where services may come from, as the user asks for it. */
export type ServiceMode = 'auto' | 'given' | 'local' | 'docker' | 'embedded';

/** Where a service did come from. */
export type Origin = Exclude<ServiceMode, 'auto'>;

export interface Endpoint {
  readonly service: ServiceName;
  readonly origin: Origin;
  /** Carries the password: never print it. Undefined when embedded. */
  readonly url: string | undefined;
  /** As the server itself says it; trade-sim's models say `model`. */
  readonly version: string;
  /** It goes on when the run has ended, and so does whatever the run leaves in it. */
  readonly outlivesRun: boolean;
}

export type Endpoints = Readonly<Record<ServiceName, Endpoint>>;

export interface ProvisionRequest {
  readonly mode: ServiceMode;
  /** URLs from flags, environment or file. */
  readonly given: Readonly<Partial<Record<ServiceName, string>>> & {
    readonly lockMasters?: readonly string[];
  };
  /** How many Redis masters the lock wants beside the services. Default 0. */
  readonly lockMasters?: number;
  /** Without it, given hosts that are not loopback are refused. */
  readonly allowRemote: boolean;
}

export interface ProvisionOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

export interface Provisioned {
  readonly endpoints: Endpoints;
  /** Redis masters of the lock's own, as many as were asked for. */
  readonly lockMasters: readonly Endpoint[];
  /** What to tell the user, for example why the embedded models were taken. */
  readonly notes: readonly string[];
  /** Ends what was started for this request and removes its folder. Idempotent. */
  readonly stop: () => Promise<void>;
}

/** A server that answered its probe. */
export interface LiveServer {
  readonly service: ServiceName;
  readonly url: string;
  readonly version: string;
}
