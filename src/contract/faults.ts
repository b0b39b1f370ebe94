import type { Redis } from '../backends/ports.ts';
import { sleep, type Clock } from '../kernel/clock.ts';

/** `target` with some of its methods replaced: how faults are put between a strategy and its resources. */
export const replacing = <T extends object>(target: T, methods: Partial<T>): T =>
  new Proxy(target, {
    get(_, name) {
      if (name in methods) return Reflect.get(methods, name) as unknown;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** A Redis that does at once what it is asked, and whose answers are late. */
export const withLateAnswers = (redis: Redis, clock: Clock, delayMs: number): Redis => {
  const late = async <T>(answer: Promise<T>): Promise<T> => {
    const reply = await answer;
    await sleep(clock, delayMs);
    return reply;
  };
  return replacing(redis, {
    call: (command, ...args) => late(redis.call(command, ...args)),
    run: (script, keys, args) => late(redis.run(script, keys, args)),
  });
};
