import type { QueueStrategy } from '../engine/queue/port.ts';
import type { Property } from './property.ts';
import { DELIVERY } from './queue/delivery.ts';
import { FAILURES } from './queue/failures.ts';

export const QUEUE_PROPERTIES: readonly Property<QueueStrategy>[] = [...DELIVERY, ...FAILURES];
