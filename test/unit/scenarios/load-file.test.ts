import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { REGISTRY } from '../../../src/engine/registry.ts';
import { ExitCode } from '../../../src/kernel/exit-codes.ts';
import { scenariosJsonSchema } from '../../../src/scenarios/json-schema.ts';
import { loadScenarios, loadServices } from '../../../src/scenarios/load-file.ts';
import { FILE, linesOf, withLine } from './file.ts';

const problemsOf = (text: string) => linesOf(() => loadScenarios('shop.yml', text));

describe('a scenarios file', () => {
  it('is read with every default', () => {
    expect(loadScenarios('shop.yml', FILE).scenarios).toEqual({
      shop: {
        name: 'shop',
        description: '',
        journey: {
          name: 'checkout',
          options: {
            browses: 10,
            maxLines: 5,
            maxUnits: 2,
            abandonShare: 0.7,
            declineShare: 0.05,
            user: 'iteration',
            thinkMs: 0,
            think: 'uniform',
            maxRetries: 0,
            retryMs: 100,
          },
        },
        feeders: {},
        catalog: { skus: 10, stockPerSku: 100, limitPerUser: 0, popularity: { kind: 'uniform' } },
        engine: {
          nodes: 2,
          lock: { name: 'token', options: { ttlMs: 10_000 } },
          stock: { name: 'lua', options: {} },
          cache: { name: 'aside', options: expect.objectContaining({ ttlMs: expect.any(Number) }) },
          queue: { name: 'confirm', options: expect.objectContaining({ prefetch: expect.any(Number) }) },
          lockWaitMs: 1_000,
        },
        load: {
          executor: 'constant-vus',
          vus: 5,
          durationMs: 10_000,
          warmupMs: 0,
          gracefulStopMs: 5_000,
        },
        steps: { byNode: false, maxSeries: 64 },
        generator: {
          overLimits: 'inconclusive',
          minBegun: 0.99,
          maxDropped: 0.001,
          maxLatenessMs: 100,
          maxBusy: 0.98,
          maxLoopDelayMs: 50,
          maxSteal: 0.02,
        },
        thresholds: [expect.objectContaining({ text: 'order.latency:p99<200ms' })],
        seed: 3,
      },
    });
  });

  it('may have thresholds as blocks that say when they end the load', () => {
    const text = withLine(
      '- order.latency:p99<200ms',
      '- { threshold: "order.latency:p99<200ms over 10s", abortOnFail: true, delayAbortEval: 5s }',
    ).replace('thresholds:', 'thresholds:\n      - { threshold: "orders.failed:count<1" }');
    expect(loadScenarios('shop.yml', text).scenarios['shop']!.thresholds.map(({ text }) => text)).toEqual([
      'orders.failed:count<1',
      'order.latency:p99<200ms over 10s abort after 5s',
    ]);
  });

  it.each([
    [
      '- order.latency:q98<200ms',
      'shop.yml:14:9 scenarios.shop.thresholds[0]: at character 15: order.latency has no aggregate "q98" (It has min, mean, p50, p99, p99.9, max, total, count, rate.)',
      '    order.latency:q98<200ms',
      '                  ^',
    ],
    [
      '- { threshold: order.latency:p99<200, abortOnFail: true }',
      'shop.yml:14:22 scenarios.shop.thresholds[0].threshold: at character 19: "200" is not a duration (Write a number and a unit: 500ms, 30s, 5m or 1h.)',
      '    order.latency:p99<200',
      '                      ^',
    ],
    [
      '- { threshold: "order.latency:p99<200ms", delayAbortEval: 5s }',
      'shop.yml:14:65 scenarios.shop.thresholds[0].delayAbortEval: needs abortOnFail: true',
    ],
  ])('points at what is wrong in a threshold: %s', (line, ...problem) => {
    expect(problemsOf(withLine('- order.latency:p99<200ms', line))).toEqual(problem);
  });

  it.each([
    ['step:plaice', 'the journey has no step "plaice" (Did you mean "place"?)'],
    [
      'step:pay,outcome:accepted',
      'no such step ends as "accepted" (Known: done, rejected, failed, unknown.)',
    ],
    ['outcome:acepted', 'no such step ends as "acepted" (Did you mean "accepted"?)'],
    ['node:0', 'nodes are not told apart (Set steps.byNode: true.)'],
  ])('refuses a threshold on steps that cannot be: {%s}', (tags, problem) => {
    const line = `- "step.latency{${tags}}:p99<1s"`;
    expect(problemsOf(withLine('- order.latency:p99<200ms', line))).toEqual([
      `shop.yml:14:9 scenarios.shop.thresholds[0]: ${problem}`,
    ]);
  });

  it('may have a threshold on the steps of a node that there is', () => {
    const byNode = (node: number) =>
      withLine('- order.latency:p99<200ms', `- "step.latency{node:${node}}:p99<1s"`).replace(
        'seed: 3',
        'steps: { byNode: true, maxSeries: 1024 }\n    seed: 3',
      );
    expect(problemsOf(byNode(1))).toEqual([]);
    expect(problemsOf(byNode(2))).toEqual([expect.stringContaining('there is no node "2"')]);
  });

  it('takes a choice as a name or as a block with options', () => {
    const text = withLine('lock: token', 'lock: { name: token, ttlMs: 500 }').replace(
      'skus: 10',
      'popularity: zipf',
    );
    const { shop } = loadScenarios('shop.yml', text).scenarios;
    expect(shop?.engine.lock).toEqual({ name: 'token', options: { ttlMs: 500 } });
    expect(shop?.catalog.popularity).toEqual({ kind: 'zipf', exponent: 0.99 });
  });

  it('reads durations and rates by their units', () => {
    const load = 'executor: constant-arrival-rate\n      rate: 30/m\n      warmup: 1.5s\n      duration: 5m';
    const text = withLine('executor: constant-vus\n      vus: 5\n      duration: 10s', load);
    expect(loadScenarios('shop.yml', text).scenarios['shop']?.load).toEqual({
      executor: 'constant-arrival-rate',
      arrivals: 'uniform',
      rate: 0.5,
      durationMs: 300_000,
      maxVus: 1_000,
      warmupMs: 1_500,
      gracefulStopMs: 5_000,
    });
  });

  it('may name the servers to use', () => {
    const text = `${FILE}services:\n  redis: redis://:secret@127.0.0.1:6379\n`;
    expect(loadScenarios('shop.yml', text).services).toEqual({ redis: 'redis://:secret@127.0.0.1:6379' });
  });

  it('may name servers for a lock that votes', () => {
    const list = (...urls: readonly string[]) =>
      `${FILE}services:\n  lockRedis:\n${urls.map((url) => `    - ${url}\n`).join('')}`;
    const urls = ['redis://127.0.0.1:1', 'rediss://127.0.0.1:2'];
    expect(loadServices('shop.yml', list(...urls))).toEqual({ lockRedis: urls });
    const [problem] = problemsOf(list(urls[0]!, 'http://user:secret@127.0.0.1'));
    expect(problem).toMatch(/services\.lockRedis\[1\]: is not a URL of this service/);
    expect(problem).not.toContain('secret');
  });

  it('names them whatever its scenarios are like', () => {
    const services = 'services:\n  redis: redis://127.0.0.1:6379\n';
    expect(loadServices('shop.yml', `scenarios: 5\n${services}`)).toEqual({
      redis: 'redis://127.0.0.1:6379',
    });
    expect(loadServices('shop.yml', FILE)).toEqual({});
    expect(linesOf(() => loadServices('shop.yml', 'services:\n  radis: x\n'))).toEqual([
      'shop.yml:2:3 services.radis: is not a known field (Did you mean "redis"?)',
    ]);
  });

  it('is told where an alias leads when that is wrong', () => {
    const text = withLine('lock: token', 'lock: &wrong { name: tokn }\n      cache: *wrong');
    expect(problemsOf(text)).toEqual([
      expect.stringContaining('shop.yml:8:28 scenarios.shop.engine.lock.name: "tokn"'),
      expect.stringContaining('shop.yml:8:28 scenarios.shop.engine.cache.name: "tokn"'),
    ]);
  });

  it('does not quote a URL it refuses', () => {
    const [problem] = problemsOf(`${FILE}services:\n  amqp: http://user:secret@127.0.0.1\n`);
    expect(problem).toMatch(/^shop.yml:17:9 services.amqp: is not a URL of this service/);
    expect(problem).not.toContain('secret');
  });
});

describe('a wrong line is told by its place, its path and what to do', () => {
  it.each([
    [
      'journey: checkout',
      'journey: chekout',
      '3:14 scenarios.shop.journey: "chekout" is not known (Did you mean "checkout"?)',
    ],
    ['skus: 10', 'skus: 10.5', '5:13 scenarios.shop.catalog.skus: must be a whole number, not 10.5'],
    ['skus: 10', 'skus: 1000001', '5:13 scenarios.shop.catalog.skus: must be at most 1,000,000, not 1000001'],
    [
      'stockPerSku: 100',
      'stockPerSku: -5',
      '6:20 scenarios.shop.catalog.stockPerSku: must be at least 0, not -5',
    ],
    [
      'stockPerSku: 100',
      'stockPerSku:',
      '6:19 scenarios.shop.catalog.stockPerSku: must be a number, not empty',
    ],
    [
      'stockPerSku: 100',
      'stockPerSku: .inf',
      '6:20 scenarios.shop.catalog.stockPerSku: must be a number, not Infinity',
    ],
    [
      'lock: token',
      'lock: tokn',
      '8:13 scenarios.shop.engine.lock: "tokn" is not known (Did you mean "token"?)',
    ],
    [
      'lock: token',
      'lock: { name: tokn }',
      '8:21 scenarios.shop.engine.lock.name: "tokn" is not known (Did you mean "token"?)',
    ],
    [
      'lock: token',
      'lock: { name: token, ttl: 5 }',
      '8:28 scenarios.shop.engine.lock.ttl: is not a known field (Did you mean "ttlMs"?)',
    ],
    [
      'lock: token',
      'lock: { name: token, ttlMs: soon }',
      '8:35 scenarios.shop.engine.lock.ttlMs: must be a number, not "soon"',
    ],
    [
      'lock: token',
      'lock: 5',
      `8:13 scenarios.shop.engine.lock: must be one of ${Object.keys(REGISTRY.lock).join(', ')}, not 5`,
    ],
    ['lock: token', 'nodes: 65', '8:14 scenarios.shop.engine.nodes: must be at most 64, not 65'],
    [
      'executor: constant-vus',
      'executor: constant-vu',
      '10:17 scenarios.shop.load.executor: "constant-vu" is not known (Did you mean "constant-vus"?)',
    ],
    [
      'executor: constant-vus',
      'warmup: 1s',
      '9:5 scenarios.shop.load.executor: is missing (One of constant-vus, ramping-vus, per-vu-iterations, shared-iterations, constant-arrival-rate, ramping-arrival-rate, burst.)',
    ],
    ['vus: 5', 'vus: 0', '11:12 scenarios.shop.load.vus: must be at least 1, not 0'],
    [
      'vus: 5',
      'maxVus: 5',
      '11:7 scenarios.shop.load.maxVus: is not a known field (Known: executor, vus, duration, iterations, warmup, gracefulStop.)',
    ],
    [
      'duration: 10s',
      'duration: 10 sec',
      '12:17 scenarios.shop.load.duration: "10 sec" is not a duration (Write a number and a unit: 500ms, 30s, 5m or 1h.)',
    ],
    [
      'duration: 10s',
      'duration: 10',
      '12:17 scenarios.shop.load.duration: 10 is not a duration (Write a number and a unit: 500ms, 30s, 5m or 1h.)',
    ],
    ['duration: 10s', 'duration: 0s', '12:17 scenarios.shop.load.duration: must be at least 1ms'],
    ['duration: 10s', 'duration: 25h', '12:17 scenarios.shop.load.duration: must be at most 24h'],
    [
      'duration: 10s',
      'warmup: 1s',
      '9:5 scenarios.shop.load: does not say when it ends (Give a duration, a number of iterations, or both.)',
    ],
    [
      'seed: 3',
      'seed: 3\n    generator: { maxSteal: 2 }',
      '16:28 scenarios.shop.generator.maxSteal: 2 is not a share (Write a percentage: 0.5%.)',
    ],
    [
      'seed: 3',
      'seed: 3\n    generator: { minBegun: 101% }',
      '16:28 scenarios.shop.generator.minBegun: must be at most 100%',
    ],
    ['seed: 3', 'seed: 3\n    seed: 4', '16:5: this field is written twice (Keep one of them.)'],
    [
      '  shop:',
      '  My shop:',
      '2:3 scenarios.My shop: must be lower-case letters, digits and hyphens, at most 64 of them',
    ],
  ])('%s -> %s', (line, replacement, problem) => {
    expect(problemsOf(withLine(line, replacement))).toEqual([`shop.yml:${problem}`]);
  });

  const loadLines = 'executor: constant-vus\n      vus: 5\n      duration: 10s';
  it.each([
    [
      'executor: ramping-vus\n      stages: []',
      '11:7 scenarios.shop.load.stages: must last longer than 0s and at most 24h, all together',
    ],
    [
      'executor: ramping-vus\n      stages: [{ duration: 0s, vus: 5 }]',
      '11:7 scenarios.shop.load.stages: must last longer than 0s and at most 24h, all together',
    ],
    [
      'executor: ramping-vus\n      stages: [{ duration: 24h, vus: 5 }, { duration: 1ms, vus: 5 }]',
      '11:7 scenarios.shop.load.stages: must last longer than 0s and at most 24h, all together',
    ],
    [
      'executor: ramping-vus\n      stages: [{ duration: 5s, vus: 0 }]',
      '11:7 scenarios.shop.load.stages: never has a virtual user (Give a stage some.)',
    ],
    [
      'executor: ramping-arrival-rate\n      stages: [{ duration: 5s, rate: 0/s }]',
      '11:7 scenarios.shop.load.stages: nobody ever arrives (Give a stage a rate.)',
    ],
    [
      'executor: ramping-arrival-rate\n      stages: [{ duration: 5s, vus: 3 }]',
      '11:16 scenarios.shop.load.stages[0].rate: is missing (Write a number per unit of time: 500/s or 30/m.)',
      '11:32 scenarios.shop.load.stages[0].vus: is not a known field (Known: duration, rate.)',
    ],
    [
      'executor: burst\n      peakRate: 0/s\n      halfLife: 1s\n      duration: 5s',
      '11:17 scenarios.shop.load.peakRate: must be at least 1/h',
    ],
    [
      'executor: burst\n      peakRate: 5/s\n      halfLife: 1s\n      duration: 5s\n      opensAfter: 5s',
      '14:19 scenarios.shop.load.opensAfter: must be shorter than the duration',
    ],
    [
      'executor: burst\n      peakRate: 5/s\n      halfLife: 1s\n      duration: 5s\n      arrivals: even',
      '14:17 scenarios.shop.load.arrivals: "even" is not known (Known: uniform, poisson.)',
    ],
  ])('%s', (load, ...problems) => {
    expect(problemsOf(withLine(loadLines, load))).toEqual(problems.map((problem) => `shop.yml:${problem}`));
  });

  const openLoad = (rate: string) =>
    withLine('executor: constant-vus\n      vus: 5', `executor: constant-arrival-rate\n      rate: ${rate}`);

  it.each([
    ['0', 'must be at least 1/h'],
    ['0/s', 'must be at least 1/h'],
    ['2000000', 'must be at most 1,000,000/s'],
    ['-1', '"-1" is not a rate (Write a number per unit of time: 500/s or 30/m.)'],
    ['.inf', 'Infinity is not a rate (Write a number per unit of time: 500/s or 30/m.)'],
    ['10 sec', '"10 sec" is not a rate (Write a number per unit of time: 500/s or 30/m.)'],
    ['true', 'true is not a rate (Write a number per unit of time: 500/s or 30/m.)'],
  ])('rate: %s', (rate, what) => {
    expect(problemsOf(openLoad(rate))).toEqual([`shop.yml:11:13 scenarios.shop.load.rate: ${what}`]);
  });
});

describe('a field under a wrong name', () => {
  it('is unknown, and the one that was meant is missing', () => {
    expect(problemsOf(withLine('journey: checkout', 'journy: checkout'))).toEqual([
      'shop.yml:2:3 scenarios.shop.journey: is missing (One of checkout, flash-sale.)',
      'shop.yml:3:5 scenarios.shop.journy: is not a known field (Did you mean "journey"?)',
    ]);
  });
});

describe('a file that is wrong as a whole', () => {
  it.each([
    ['', 'shop.yml: the file is empty'],
    ['# only a comment\n', 'shop.yml: the file is empty'],
    ['scenarios:\n\tshop: 1\n', 'shop.yml:2:1: a tab indents this line'],
    ['scenarios: {}\n---\nscenarios: {}\n', 'shop.yml:2:1: a second document begins here'],
    ['scenarios:\n  shop: [\n', 'shop.yml:3:1: this is not YAML'],
    ['scenarios: *shop\n', 'shop.yml:1:1: this is not YAML: Unresolved alias'],
    ['scenarios:\n', 'shop.yml:1:11 scenarios: must be a block of fields, not empty'],
    ['scenarios: {}\n', 'shop.yml:1:1 scenarios: holds no scenario'],
    ['- shop\n', 'shop.yml:1:1: must be a block of fields, not a list'],
    ['just text\n', 'shop.yml:1:1: must be a block of fields, not "just text"'],
  ])('%j', (text, problem) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it('tells all its problems at once, duplicates among them', () => {
    const text = withLine('vus: 5', 'vus: 0\n      vus: -1')
      .replace('seed: 3', 'sead: 3')
      .replace('token', 'x');
    expect(problemsOf(text).map((line) => line.split(': ')[0])).toEqual([
      'shop.yml:12:7',
      'shop.yml:8:13 scenarios.shop.engine.lock',
      'shop.yml:12:12 scenarios.shop.load.vus',
      'shop.yml:16:5 scenarios.shop.sead',
    ]);
  });

  it('is a usage error', () => {
    expect(() => loadScenarios('shop.yml', '')).toThrow(
      expect.objectContaining({ name: 'TradeSimError', exitCode: ExitCode.usage }),
    );
  });

  it('neither steers the terminal nor floods it', () => {
    const [problem] = problemsOf(withLine('duration: 10s', `duration: "\\e[31m${'x'.repeat(5_000)}"`));
    expect(problem).not.toMatch(/\p{Cc}/u);
    expect(problem!.length).toBeLessThan(1_100);
    const many = Array.from({ length: 500 }, (_, index) => `x${index}: 1`).join('\n');
    expect(problemsOf(many).at(-1)).toBe('… and 451 more');
  });
});

describe('the scenarios that come with trade-sim', () => {
  const text = readFileSync('scenarios.yml', 'utf8');

  it('are valid, and name the schema for editors', () => {
    expect(Object.keys(loadScenarios('scenarios.yml', text).scenarios)).toEqual(['flash-sale', 'checkout']);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/schemas\/scenarios\.schema\.json\n/);
  });

  it('stay true to the published JSON Schema (renew it by: npx vitest run --project unit -u)', async () => {
    const schema = `${JSON.stringify(scenariosJsonSchema(), null, 2)}\n`;
    await expect(schema).toMatchFileSnapshot('../../../schemas/scenarios.schema.json');
  });

  it('sell out the flash sale: between 1 and 2 units for a hundred customers', () => {
    const { load, catalog } = loadScenarios('scenarios.yml', text).scenarios['flash-sale']!;
    if (load.executor !== 'constant-arrival-rate') throw new Error('the flash sale is an open model');
    const customers = (load.rate * load.durationMs) / 1_000;
    expect(catalog.stockPerSku / customers).toBeGreaterThanOrEqual(0.01);
    expect(catalog.stockPerSku / customers).toBeLessThanOrEqual(0.02);
  });
});
