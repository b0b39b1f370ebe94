import { describe, expect, it } from 'vitest';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { loadScenarios } from '../../../src/scenarios/load-file.ts';
import { parseSetting } from '../../../src/scenarios/changes.ts';
import { resolveScenario } from '../../../src/scenarios/overrides.ts';
import { FILE, linesOf, withLine } from './file.ts';

const strategies = (lock: string, stock: string) =>
  withLine('lock: token', `lock: ${lock}\n      stock: ${stock}`);
const problemsOf = (text: string) => linesOf(() => loadScenarios('shop.yml', text));

describe('a stock that needs a fence', () => {
  it.each(Object.values(REGISTRY.lock))(
    'is refused unless the lock gives one: $name',
    ({ name, guarantees }) => {
      const problems = problemsOf(strategies(name, 'fenced-write'));
      if (guarantees.mutualExclusion === 'fenced') expect(problems).toEqual([]);
      else
        expect(problems).toEqual([
          expect.stringContaining(
            `shop.yml:9:14 scenarios.shop.engine.stock: "fenced-write" needs a lock that gives a fence, and "${name}" gives none (Choose the lock fenced`,
          ),
        ]);
    },
  );

  it('is refused where a flag asks for it', () => {
    const file = { path: 'shop.yml', text: FILE };
    const [problem] = linesOf(() =>
      resolveScenario(file, 'shop', [parseSetting('engine.stock=fenced-write')]),
    );
    expect(problem).toMatch(/^--set engine.stock=fenced-write: "fenced-write" needs a lock/);
  });
});

describe('a stock with a row for each unit', () => {
  it('is refused for a catalogue that it cannot keep', () => {
    const text = strategies('none', 'pg-skip-locked');
    expect(problemsOf(text.replace('stockPerSku: 100', 'stockPerSku: 20000'))).toEqual([]);
    expect(problemsOf(text.replace('stockPerSku: 100', 'stockPerSku: 20001'))).toEqual([
      'shop.yml:9:14 scenarios.shop.engine.stock: "pg-skip-locked" keeps at most 200,000 units, and the catalogue has 200,010 (Choose fewer units, or another stock.)',
    ]);
  });
});

it('weak combinations are let be: controls are made of them', () => {
  expect(problemsOf(strategies('none', 'read-modify-write'))).toEqual([]);
});
