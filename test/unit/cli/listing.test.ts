import { afterEach, describe, expect, it, vi } from 'vitest';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { displayWidth } from '../../../src/report/text.ts';
import { scenariosFile, trade } from './shell.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const printed = async (argv: readonly string[], env: Record<string, string> = {}): Promise<string> => {
  const { exitCode, stdout, stderr } = await trade(argv, env);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/[^\n]\n$/);
  return stdout;
};

const widest = (text: string): number => Math.max(...text.split('\n').map(displayWidth));

describe('scenarios', () => {
  it('list names what comes with trade-sim, or is in a file', async () => {
    const text = await printed(['scenarios', 'list']);
    expect(text).toContain('flash-sale');
    expect(text).toContain('checkout');
    expect(await printed(['scenarios', 'list', '--file', scenariosFile()])).toBe('shop  5 VUs for 10.0s\n');
  });

  it('show prints what would be run, fit to be run again', async () => {
    const file = scenariosFile();
    const shown = await printed([
      'scenarios',
      'show',
      'shop',
      '-f',
      file,
      '--set',
      'catalog.skus=20',
      '--seed',
      '9',
    ]);
    expect(shown).toContain('skus: 20\n');
    expect(shown).toContain('seed: 9\n');
    expect(await printed(['scenarios', 'show', 'shop', '-f', scenariosFile(shown)])).toBe(shown);
  });

  it('validate says what is right, and tells every problem with its place', async () => {
    const file = scenariosFile();
    const right = `${file}: 1 valid scenario: shop\n`;
    expect(await printed(['scenarios', 'validate', file])).toBe(right);
    expect(await printed(['scenarios', 'validate', '--file', file])).toBe(right);
    expect(await printed(['scenarios', 'validate'], { TRADE_SIM_FILE: file })).toBe(right);
    const wrong = scenariosFile('scenarios:\n  shop:\n    journey: chekout\n    lod: {}\n');
    const { exitCode, stdout, stderr } = await trade(['scenarios', 'validate', wrong]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${wrong}:3:14 scenarios.shop.journey`);
    expect(stderr).toContain(`${wrong}:4:5 scenarios.shop.lod`);
  });

  it('schema prints a JSON Schema', async () => {
    const schema = JSON.parse(await printed(['scenarios', 'schema'])) as Record<string, unknown>;
    expect(schema).toMatchObject({ type: 'object', properties: { scenarios: {} } });
  });
});

describe('precedence', () => {
  const nodesOf = async (argv: readonly string[], env: Record<string, string>) => {
    const text = await printed(['scenarios', 'show', 'shop', '-f', scenariosFile(), ...argv], env);
    return Number(/nodes: (\d+)/.exec(text)![1]);
  };

  it('is flag, then variable, then file; an empty variable sets nothing', async () => {
    expect(await nodesOf([], {})).toBe(3);
    expect(await nodesOf([], { TRADE_SIM_NODES: '' })).toBe(3);
    expect(await nodesOf([], { TRADE_SIM_NODES: '4' })).toBe(4);
    expect(await nodesOf(['--nodes', '5'], { TRADE_SIM_NODES: '4' })).toBe(5);
    expect(await nodesOf(['--set', 'engine.nodes=6'], { TRADE_SIM_NODES: '4' })).toBe(6);
  });

  it('knows no variables but those of the shell that it is given', async () => {
    vi.stubEnv('TRADE_SIM_NODES', '7');
    expect(await nodesOf([], {})).toBe(3);
  });
});

describe('strategies', () => {
  it('list has every one of them, on lines of at most 80 columns', async () => {
    const text = await printed(['strategies', 'list']);
    for (const [port, strategies] of Object.entries(REGISTRY)) {
      const [, section = ''] = text.split(new RegExp(`^${port}$`, 'm'));
      for (const name of Object.keys(strategies)) expect(section).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    expect(widest(text)).toBeLessThanOrEqual(80);
  });

  it('show explains each of them, on lines of at most 80 columns', async () => {
    for (const [port, strategies] of Object.entries(REGISTRY))
      for (const name of Object.keys(strategies)) {
        const page = await printed(['strategies', 'show', port, name]);
        expect(page.replaceAll(/\s+/g, ' ')).toContain(`${port} ${name}: `);
        for (const part of ['Guarantees', 'Uses: ', 'Options', 'Breaks']) expect(page).toContain(part);
        expect(widest(page)).toBeLessThanOrEqual(80);
      }
  });

  it('show explains all of a name, and all of a port', async () => {
    const none = await printed(['strategies', 'show', 'none']);
    expect(none).toMatch(/^lock none:/m);
    expect(none).toMatch(/^cache none:/m);
    const locks = await printed(['strategies', 'show', 'lock']);
    for (const name of Object.keys(REGISTRY.lock)) expect(locks).toMatch(new RegExp(`^lock ${name}:`, 'm'));
  });
});
