import { z } from 'zod';

/** How long a lease is, in ms. What happens at its end is each lock's to describe. */
export const ttlOption = z.int().min(10).max(3_600_000).default(10_000);
