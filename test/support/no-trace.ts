import { afterAll, expect } from 'vitest';
import { sharedState, traces } from './traces.ts';

// Files that run in one process, in any order, must not find what another has left behind.
const before = sharedState();
afterAll(() => expect(traces(before, sharedState()), 'what the file has changed and left so').toEqual([]));
