import type { CacheStrategy } from '../engine/cache/port.ts';
import { COHERENCE } from './cache/coherence.ts';
import { LOADING } from './cache/loading.ts';
import { WRITING } from './cache/writing.ts';
import type { Property } from './property.ts';

export const CACHE_PROPERTIES: readonly Property<CacheStrategy>[] = [...LOADING, ...COHERENCE, ...WRITING];
