import { type Clock, wallClock } from '../../src/kernel/clock.ts';

/** Its timers never fire: whatever ends a wait on it is an event. */
export const stillClock: Clock = { ...wallClock, schedule: () => () => {} };

/** Every delay is over in the next turn of the loop: what would take minutes is done at once. */
export const hastyClock: Clock = {
  ...wallClock,
  schedule: (_delayMs, callback) => wallClock.schedule(0, callback),
};
