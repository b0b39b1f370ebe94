import type { Cancel, Clock } from './clock.ts';

/**
 * Calls back at `startMs + k * periodMs` on `clock`, k = 1, 2, 3…, until it is cancelled. Each call is set by the
 * grid and not by the one before, so that lateness never adds up; what a stall makes impossible is left out.
 */
export const tickOnGrid = (clock: Clock, startMs: number, periodMs: number, onTick: () => void): Cancel => {
  let last = 0;
  let cancel: Cancel = () => {};
  const arm = () => {
    // A timer may fire a moment early: the same tick must not come twice.
    last = Math.max(last, Math.floor((clock.now() - startMs) / periodMs)) + 1;
    cancel = clock.schedule(startMs + last * periodMs - clock.now(), () => {
      arm();
      onTick();
    });
  };
  arm();
  return () => cancel();
};
