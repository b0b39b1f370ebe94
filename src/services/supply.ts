import type { ServiceName } from '../backends/ports.ts';
import { ExitCode } from '../kernel/exit-codes.ts';
import { serviceError, TradeSimError } from '../kernel/errors.ts';
import type { Instance } from './instance.ts';
import type { LiveServer, Origin, ProvisionOptions } from './types.ts';

export interface SupplyOptions extends ProvisionOptions {
  /** The servers are to outlive this process. */
  readonly keep: boolean;
}

export interface Supply {
  readonly kind: 'supplied';
  readonly origin: Origin;
  readonly servers: readonly LiveServer[];
  /** What to destroy when they are no longer needed; undefined when they are not ours to end. */
  readonly instance: Instance | undefined;
}

/** `reason` is undefined where nobody would have expected a supply. */
export type SupplyOutcome = Supply | { readonly kind: 'unavailable'; readonly reason: string | undefined };

/** A source of servers. Throws a service error when what it has does not work. */
export type Source = (services: readonly ServiceName[], options: SupplyOptions) => Promise<SupplyOutcome>;

const ask = async (
  source: Source,
  services: readonly ServiceName[],
  options: SupplyOptions,
): Promise<Supply | TradeSimError | undefined> => {
  try {
    const outcome = await source(services, options);
    if (outcome.kind === 'supplied') return outcome;
    return outcome.reason === undefined ? undefined : serviceError(outcome.reason);
  } catch (error) {
    if (error instanceof TradeSimError && error.exitCode === ExitCode.serviceUnavailable) return error;
    throw error;
  }
};

/** The first source that has the services, or why each of them has not. */
export const firstSupply = async (
  sources: readonly Source[],
  services: readonly ServiceName[],
  options: SupplyOptions,
): Promise<Supply | { readonly kind: 'none'; readonly failures: readonly TradeSimError[] }> => {
  const failures: TradeSimError[] = [];
  for (const source of sources) {
    options.signal.throwIfAborted();
    const answer = await ask(source, services, options);
    if (answer instanceof TradeSimError) failures.push(answer);
    else if (answer !== undefined) return answer;
  }
  return { kind: 'none', failures };
};

/** One error for a request that no source could meet. */
export const supplyFailure = (failures: readonly TradeSimError[]): TradeSimError =>
  serviceError(
    `No services: ${failures.map(({ message }) => message).join('; ')}`,
    failures.find(({ hint }) => hint !== undefined)?.hint ??
      'Run "trade-sim doctor" to see what is missing and how to get it.',
  );
