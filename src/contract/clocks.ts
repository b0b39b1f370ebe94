import type { Clock } from '../kernel/clock.ts';

const withTimers = (clock: Clock, schedule: Clock['schedule']): Clock => ({
  now: () => clock.now(),
  epoch: () => clock.epoch(),
  schedule,
});

/** Its timers never fire: whatever ends a wait on it is an event, and a node on it is as good as paused. */
export const still = (clock: Clock): Clock => withTimers(clock, () => () => {});

/** Every delay is over at once: what would take minutes does not. Not in no time, in which simulated time would stand. */
export const hasty = (clock: Clock): Clock =>
  withTimers(clock, (delayMs, callback) => clock.schedule(Math.min(delayMs, 1), callback));
