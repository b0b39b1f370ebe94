import amqp from 'amqplib';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { ServiceName } from '../../src/backends/ports.ts';

/** The three services asked directly, by clients of the test's own: nothing of trade-sim's code is in between. */
export interface Witnesses {
  /** All keys that match. */
  keys(pattern: string): Promise<string[]>;
  redis: Redis;
  /** Messages that are ready; undefined when there is no such queue. */
  depth(queue: string): Promise<number | undefined>;
  declareQueue(queue: string, message: string): Promise<void>;
  sql(text: string): Promise<Record<string, unknown>[]>;
  /** Schemas that runs have made. */
  schemas(): Promise<string[]>;
  close(): Promise<void>;
}

export const openWitnesses = async (urls: Readonly<Record<ServiceName, string>>): Promise<Witnesses> => {
  const redis = new Redis(urls.redis);
  const model = await amqp.connect(urls.rabbitmq);
  const postgres = new Client({ connectionString: urls.postgres });
  await postgres.connect();
  const sql = async (text: string) => (await postgres.query<Record<string, unknown>>(text)).rows;
  return {
    redis,
    keys: (pattern) => redis.keys(pattern),
    async depth(queue) {
      // Asking for a queue that is not there ends the channel.
      const channel = await model.createChannel();
      channel.on('error', () => {});
      try {
        const { messageCount } = await channel.checkQueue(queue);
        await channel.close();
        return messageCount;
      } catch (error) {
        if ((error as { code?: number }).code === 404) return undefined;
        throw error;
      }
    },
    async declareQueue(queue, message) {
      const channel = await model.createConfirmChannel();
      await channel.assertQueue(queue, { durable: true });
      channel.sendToQueue(queue, Buffer.from(message));
      await channel.waitForConfirms();
      await channel.close();
    },
    sql,
    async schemas() {
      const rows = await sql(
        "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'trade\\_sim\\_%' ORDER BY 1",
      );
      return rows.map(({ name }) => String(name));
    },
    async close() {
      redis.disconnect();
      await Promise.all([model.close(), postgres.end()]);
    },
  };
};
