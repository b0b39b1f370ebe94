import { z } from 'zod';

/** A part of a whole, 0 to 1. */
export const share = (byDefault: number, description: string) =>
  z.number().min(0).max(1).default(byDefault).describe(description);
