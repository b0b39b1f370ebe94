import type {} from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** URLs of the servers that this test run may use as it likes. */
    services: { redis: string; rabbitmq: string; postgres: string };
  }
}

export default function setup(project: TestProject): void {
  project.provide('services', {
    redis: 'redis://127.0.0.1:6379',
    rabbitmq: 'amqp://guest:guest@127.0.0.1:5672',
    postgres: 'postgres://postgres@127.0.0.1:5432/postgres',
  });
}
