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
