import { sleep } from '../../kernel/clock.ts';
import type { Session } from '../journey.ts';

/** A customer's pause of `thinkMs` on average, drawn evenly between half and one and a half times of it. */
export const pause = async ({ clock, random, signal }: Session, thinkMs: number): Promise<void> => {
  if (thinkMs > 0) await sleep(clock, thinkMs * (0.5 + random.next()), signal);
};
