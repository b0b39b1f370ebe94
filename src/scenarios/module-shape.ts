import { z } from 'zod';
import type { ServiceName } from '../backends/ports.ts';
import type { CacheGuarantees } from '../engine/cache/port.ts';
import type { LockGuarantees } from '../engine/lock/port.ts';
import type { QueueGuarantees } from '../engine/queue/port.ts';
import type { StockGuarantees } from '../engine/stock/port.ts';
import type { OptionsSchema } from '../engine/strategy-module.ts';

/** What the default export of a user's module has to be, by the port that it is for. */

type Open = (options: unknown, context: unknown) => object;

const service: z.ZodType<ServiceName> = z.enum(['redis', 'rabbitmq', 'postgres']);
const names = z.array(z.string().min(1)).max(100);
const creates = z.object({ exchanges: names, queues: names });

const isSchema = (value: unknown): boolean =>
  typeof (value as Partial<OptionsSchema<unknown>> | null)?.['~standard']?.validate === 'function';

const common = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and hyphens, at most 64 of them'),
  summary: z.string().min(1).max(1_000),
  page: z.string().max(20_000).optional(),
  uses: z.array(service),
  options: z
    .custom<OptionsSchema<unknown>>(
      isSchema,
      'must be a schema (Take z.strictObject(…), see trade-sim/strategy.)',
    )
    .optional(),
  open: z.custom<Open>((value) => typeof value === 'function', 'must be a function'),
};

const lock: z.ZodType<LockGuarantees> = z.strictObject({
  mutualExclusion: z.enum(['none', 'while-leased', 'fenced']),
  survivesCrash: z.boolean(),
  fair: z.boolean(),
  wakesWaiters: z.boolean(),
});

const stock = z.strictObject({
  oversellSafe: z.enum(['always', 'with-lock', 'with-fence']),
  idempotent: z.enum(['always', 'same-request', 'with-lock']),
  givesUp: z.boolean(),
  maxUnits: z.int().min(1).exactOptional(),
}) satisfies z.ZodType<StockGuarantees>;

const cache: z.ZodType<CacheGuarantees> = z.strictObject({
  staleness: z.enum(['none', 'until-ttl', 'bounded-by-invalidation']),
  stampedeProtection: z.enum(['none', 'per-node', 'global']),
  acknowledgedAfter: z.enum(['commit', 'entry']),
});

const queue: z.ZodType<QueueGuarantees> = z.strictObject({
  delivery: z.enum(['synchronous', 'at-most-once', 'at-least-once']),
  acceptedAfter: z.enum(['commit', 'confirm', 'send']),
});

export const moduleShape = z.discriminatedUnion('port', [
  z.object({ port: z.literal('lock'), ...common, guarantees: lock, creates: creates.optional() }),
  z.object({ port: z.literal('stock'), ...common, guarantees: stock }),
  z.object({ port: z.literal('cache'), ...common, guarantees: cache }),
  z.object({ port: z.literal('queue'), ...common, guarantees: queue, creates }),
]);
export type ModuleShape = z.output<typeof moduleShape>;
