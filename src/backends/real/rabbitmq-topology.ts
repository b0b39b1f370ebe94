import type { Channel } from 'amqplib';
import type { QueueSpec, Topology } from '../ports.ts';

/** RabbitMQ's own names for a queue's properties: https://www.rabbitmq.com/docs/queues#optional-arguments */
const queueArguments = (queue: QueueSpec): Record<string, string | number | boolean> => ({
  'x-queue-type': queue.type,
  ...(queue.expiresMs !== undefined && { 'x-expires': queue.expiresMs }),
  ...(queue.maxLength !== undefined && { 'x-max-length': queue.maxLength, 'x-overflow': 'reject-publish' }),
  ...(queue.messageTtlMs !== undefined && { 'x-message-ttl': queue.messageTtlMs }),
  ...(queue.deadLetterQueue !== undefined && {
    'x-dead-letter-exchange': '',
    'x-dead-letter-routing-key': queue.deadLetterQueue,
  }),
  // RabbitMQ counts returns, and dead-letters a message when they exceed the limit.
  ...(queue.deliveryLimit !== undefined && { 'x-delivery-limit': queue.deliveryLimit - 1 }),
  ...(queue.singleActiveConsumer === true && { 'x-single-active-consumer': true }),
});

export const declareTopology = async (channel: Channel, topology: Topology): Promise<void> => {
  for (const { name, type } of topology.exchanges)
    await channel.assertExchange(name, type, { durable: true });
  for (const queue of topology.queues) {
    const { name, durable, autoDelete = false } = queue;
    await channel.assertQueue(name, { durable, autoDelete, arguments: queueArguments(queue) });
  }
  for (const { queue, exchange, pattern } of topology.bindings) {
    await channel.bindQueue(queue, exchange, pattern);
  }
};
