/** What the benchmark uses of redlock 4, which comes without types. */
declare module 'redlock' {
  import type { Redis } from 'ioredis';

  export default class Redlock {
    constructor(
      clients: readonly Redis[],
      options: { retryCount: number; retryDelay: number; retryJitter: number },
    );
    lock(resource: string, ttlMs: number): Promise<{ unlock(): Promise<unknown> }>;
  }
}

/** The same of redlock 5 beta, whose types its package does not export. */
declare module 'redlock-beta' {
  import type { Redis } from 'ioredis';

  export default class Redlock {
    constructor(clients: readonly Redis[], settings: { retryCount: number });
    acquire(resources: readonly string[], ttlMs: number): Promise<{ release(): Promise<unknown> }>;
  }
}
