import { describe, expect, it } from 'vitest';
import { designFactsOf } from '../../../src/run/design-facts.ts';
import { scenariosFile } from '../../../src/scenarios/schema.ts';

const factsOf = (engine: Readonly<Record<string, unknown>>) =>
  designFactsOf(
    scenariosFile.parse({
      scenarios: {
        shop: {
          journey: 'flash-sale',
          catalog: { stockPerSku: 10 },
          engine,
          load: { executor: 'constant-vus', vus: 1, duration: '1s' },
        },
      },
    }).scenarios['shop']!,
  );

describe('what a design promises', () => {
  it.each([
    ['none', 'lua', 'always'],
    ['none', 'read-modify-write', 'never'],
    ['token', 'read-modify-write', 'while-leased'],
    ['fenced', 'read-modify-write', 'while-leased'],
    ['fenced', 'fenced-write', 'always'],
  ])('lock %s with stock %s is safe: %s', (lock, stock, safe) => {
    expect(factsOf({ lock, stock }).oversellSafe).toBe(safe);
  });

  it('is how its queue delivers', () => {
    expect(factsOf({ queue: 'fire-and-forget' }).delivery).toBe('at-most-once');
    expect(factsOf({ queue: 'confirm' }).delivery).toBe('at-least-once');
  });
});

describe('what a design asks for', () => {
  it('is every option of its strategies, and the services that they use', () => {
    const plain = factsOf({ lock: 'none', stock: 'pg-conditional', cache: 'none', queue: 'direct' });
    expect(plain.services).toEqual(['postgres']);
    const rich = factsOf({ lock: 'token', stock: 'lua', cache: 'near', queue: 'confirm' });
    expect(rich.services).toEqual(['redis', 'rabbitmq', 'postgres']);
    expect(rich.options).toBeGreaterThan(plain.options);
  });

  it('is Redis servers of its own for a lock that votes', () => {
    expect(factsOf({ lock: 'token' }).lockMasters).toBe(0);
    expect(factsOf({ lock: 'redlock' }).lockMasters).toBe(5);
  });
});
