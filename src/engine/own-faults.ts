import { BackendError } from '../backends/ports.ts';
import { messageOf, TradeSimError, usageError } from '../kernel/errors.ts';

/**
 * A port of a user's strategy. Failing services and contention are part of its contract; whatever else it throws is a
 * mistake in the user's module, and says so. What it lends out, such as a held lock, is covered too.
 */
export const blaming = <Port extends object>(port: Port, strategy: string): Port =>
  new Proxy(port, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name === 'symbol') return value;
      return async (...args: unknown[]): Promise<unknown> => {
        try {
          const result: unknown = await Reflect.apply(value, target, args);
          return isHeld(result) ? blaming(result, strategy) : result;
        } catch (error) {
          throw blamed(error, strategy, name);
        }
      };
    },
  });

const isHeld = (result: unknown): result is object =>
  typeof result === 'object' && result !== null && 'release' in result;

export const blamed = (error: unknown, strategy: string, method: string): unknown =>
  error instanceof BackendError || error instanceof TradeSimError
    ? error
    : usageError(
        `the strategy ${strategy} failed in ${method}(): ${messageOf(error)}${placeOf(error)}`,
        'Mend its module. --debug prints the stack.',
        error,
      );

/** The first place in the stack, which is in the user's module as a rule. */
const placeOf = (error: unknown): string => {
  const place = error instanceof Error ? /\(?(file:\/\/[^\s)]+:\d+):\d+\)?$/m.exec(error.stack ?? '') : null;
  return place === null ? '' : ` (${place[1]})`;
};
