import { hasty, still } from '../../src/contract/clocks.ts';
import { wallClock } from '../../src/kernel/clock.ts';

export const stillClock = still(wallClock);
export const hastyClock = hasty(wallClock);
