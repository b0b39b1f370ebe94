import { z } from 'zod';
import type { HeldLock, LockStrategy } from './port.ts';

const RELEASED = Promise.resolve('released' as const);
const HELD: Promise<HeldLock> = Promise.resolve({
  kind: 'held',
  fence: undefined,
  validForMs: Infinity,
  release: () => RELEASED,
});

export const none: LockStrategy<Record<string, never>> = {
  name: 'none',
  summary:
    'no lock at all: right with a stock that is safe by itself, the positive control with one that is not',
  page: `Every request goes straight on to the stock.

Breaks: with \`read-modify-write\` any two concurrent orders read the same number and both write it back: oversell. This is the control that shows the audit can see one.

Costs nothing. Choose it when the stock strategy decides atomically (\`lua\`).`,
  guarantees: { mutualExclusion: 'none', survivesCrash: true, fair: false, wakesWaiters: false },
  uses: [],
  options: z.strictObject({}),
  open: () => ({ acquire: () => HELD }),
};
