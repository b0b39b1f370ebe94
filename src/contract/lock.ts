import type { LockStrategy } from '../engine/lock/port.ts';
import { EXCLUSION } from './lock/exclusion.ts';
import { LEASES } from './lock/leases.ts';
import { WAITING } from './lock/waiting.ts';
import type { Property } from './property.ts';

export const LOCK_PROPERTIES: readonly Property<LockStrategy>[] = [...EXCLUSION, ...WAITING, ...LEASES];
