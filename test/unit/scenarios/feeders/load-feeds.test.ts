import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { messageOf } from '../../../../src/kernel/errors.ts';
import { loadFeeds, type Feeds } from '../../../../src/scenarios/feeders/load-feeds.ts';
import { loadScenarios } from '../../../../src/scenarios/load-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'trade-sim-feeders-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LOAD = '{ executor: constant-vus, vus: 2, duration: 1s }';

interface Setting {
  readonly journey?: string;
  readonly load?: string;
}

/** Reads what a checkout takes from the feeder `people`, described in one line. */
const feedsOf = (feeder: string, { journey = 'user: people.id', load = LOAD }: Setting = {}) =>
  loadFeeds(
    loadScenarios(
      join(folder, 'scenarios.yml'),
      `scenarios:
  shop:
    journey: { name: checkout, ${journey} }
    feeders: { people: ${feeder} }
    catalog: { skus: 10, stockPerSku: 100 }
    load: ${load}`,
    ).scenarios['shop']!,
  );

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

const valuesOf = (feeds: Feeds) =>
  Object.fromEntries(Object.entries(feeds['people']!.values).map(([field, values]) => [field, [...values]]));

const linesOf = async (feeds: Promise<Feeds>): Promise<string[]> =>
  feeds.then(
    () => [],
    (error: unknown) => messageOf(error).replaceAll(`${folder}/`, '').split('\n'),
  );

const ALL = 'user: people.id, sku: people.item, units: people.n, declined: people.bad, payAfterMs: people.ms';
const EXPECTED = {
  user: [7, 8],
  sku: [3, 9],
  units: [1, 20],
  declined: [1, 0],
  payAfterMs: [0, 12.5],
};

describe('a feeder', () => {
  it('is read from a CSV file: the columns that are used, by their names', async () => {
    const csv = file(
      'a.csv',
      '\uFEFFn,id,other,item,bad,ms\r\n1,7,"x, y",3,true,0\r\n20, 8 ,,sku-9,no,12.5\r\n',
    );
    expect(valuesOf(await feedsOf(`{ csv: ${csv} }`, { journey: ALL }))).toEqual(EXPECTED);
  });

  it('is read from a file of JSON lines', async () => {
    const jsonl = file(
      'a.jsonl',
      '{"id":7,"item":3,"n":1,"bad":true,"ms":0}\n\n{"n":"20","id":"8","item":"sku-9","bad":"false","ms":12.5,"x":[1]}',
    );
    expect(valuesOf(await feedsOf(`{ jsonl: ${jsonl} }`, { journey: ALL }))).toEqual(EXPECTED);
  });

  it('is read from the scenario itself', async () => {
    const rows =
      '[{ id: 7, item: 3, n: 1, bad: true, ms: 0 }, { id: 8, item: sku-9, n: 20, bad: no, ms: 12.5 }]';
    expect(valuesOf(await feedsOf(`{ rows: ${rows} }`, { journey: ALL }))).toEqual(EXPECTED);
  });

  it('keeps its numbers in memory that threads share', async () => {
    const feeds = await feedsOf('{ rows: [{ id: 1 }, { id: 2 }] }');
    expect(feeds['people']!.values.user!.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('of many pieces has every row, once and in order', async () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => index * 3);
    const csv = file('many.csv', `id,text\n${ids.map((id) => `${id},"a ""word"", and é"`).join('\n')}`);
    const jsonl = file('many.jsonl', ids.map((id) => JSON.stringify({ id, text: 'é' })).join('\n'));
    for (const source of [`{ csv: ${csv} }`, `{ jsonl: ${jsonl} }`])
      expect(valuesOf(await feedsOf(source))).toEqual({ user: ids });
  });

  it('that nothing is taken from is not read', async () => {
    expect(await feedsOf('{ csv: nowhere.csv }', { journey: 'user: vu' })).toEqual({});
  });

  it.each([
    ['{ csv: nowhere.csv }', 'nowhere.csv: cannot be read: ENOENT'],
    ['{ csv: . }', 'cannot be read: EISDIR'],
    [`{ csv: ${file('empty.csv', '')} }`, 'empty.csv: has no rows'],
    [`{ csv: ${file('head.csv', 'id\n')} }`, 'head.csv: has no rows'],
    [
      `{ csv: ${file('ids.csv', 'ids,name\n1,x\n')} }`,
      'ids.csv:1: there is no column "id" (Did you mean "ids"?)',
    ],
    [`{ csv: ${file('twice.csv', 'id,id\n1,2\n')} }`, 'twice.csv:1: the column "id" is there twice'],
    [`{ csv: ${file('short.csv', 'id,x\n1,1\n\n2\n')} }`, 'short.csv:4: has 1 cells, the first line has 2'],
    [`{ csv: ${file('open.csv', 'id\n1\n"2\n')} }`, 'open.csv:3: a quote is not closed'],
    [
      `{ csv: ${file('word.csv', 'id\n1\nAda\n')} }`,
      'word.csv:3: "Ada" in column "id" is not a whole number from 0',
    ],
    [`{ jsonl: ${file('bad.jsonl', '{"id":1}\n{"id":\n')} }`, 'bad.jsonl:2: this is not JSON:'],
    [`{ jsonl: ${file('list.jsonl', '[1]\n')} }`, 'list.jsonl:1: this is not a JSON object'],
    [
      `{ jsonl: ${file('no.jsonl', '{"id":1}\n{"idd":2}')} }`,
      'no.jsonl:2: there is no column "id" (Did you mean "idd"?)',
    ],
    ['{ rows: [{ id: 1 }, { id: -1 }] }', 'feeder people, row 2: "-1" in column "id" is not'],
  ])('that cannot be used is refused with its place: %#', async (feeder, expected) => {
    expect(await linesOf(feedsOf(feeder))).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['sku', '10', 'a product of the catalogue, 0 to 9'],
    ['units', '0', 'a whole number from 1 to 1,000'],
    ['declined', 'constructor', 'true or false'],
    ['payAfterMs', '-1', 'milliseconds from 0 to 3,600,000'],
    ['user', '1099511627776', 'a whole number from 0 to 1,099,511,627,775'],
  ])('has values that fit the field %s', async (field, value, expected) => {
    const rows = `{ rows: [{ id: 1 }, { id: "${value}" }] }`;
    expect(await linesOf(feedsOf(rows, { journey: `${field}: people.id` }))).toEqual([
      expect.stringContaining(`is not ${expected}`),
    ]);
  });

  it('tells some wrong cells at once, not all of a long file', async () => {
    const csv = file('wrong.csv', `id\n${'x\n'.repeat(1_000)}`);
    expect(await linesOf(feedsOf(`{ csv: ${csv} }`))).toHaveLength(10);
  });
});

describe('too few rows', () => {
  const rows = 'rows: [{ id: 1 }, { id: 2 }, { id: 3 }]';

  it('for the virtual users are refused, as each is to have rows of its own', async () => {
    const load = '{ executor: constant-vus, vus: 4, duration: 1s }';
    const lines = await linesOf(feedsOf(`{ ${rows}, order: unique, whenExhausted: recycle }`, { load }));
    expect(lines).toEqual([
      'feeder people: has 3 rows, and 4 virtual users need one each of their own (Add rows, or take order: sequential.)',
    ]);
    expect(await linesOf(feedsOf(`{ ${rows}, order: sequential }`, { load }))).toEqual([]);
  });

  it('for the iterations that were asked for are refused, unless they are used again', async () => {
    const load = '{ executor: shared-iterations, vus: 2, iterations: 4 }';
    expect(await linesOf(feedsOf(`{ ${rows}, order: unique }`, { load }))).toEqual([
      'feeder people: has 3 rows for 4 iterations (Add rows, or take whenExhausted: recycle.)',
    ]);
    expect(await linesOf(feedsOf(`{ ${rows}, order: unique, whenExhausted: recycle }`, { load }))).toEqual(
      [],
    );
    const enough = '{ executor: shared-iterations, vus: 2, iterations: 3 }';
    expect(await linesOf(feedsOf(`{ ${rows}, order: unique }`, { load: enough }))).toEqual([]);
  });

  it('end an open load instead, whose arrivals are not counted beforehand', async () => {
    const load = '{ executor: constant-arrival-rate, rate: 100/s, duration: 1s }';
    expect(await linesOf(feedsOf(`{ ${rows}, order: unique }`, { load }))).toEqual([]);
  });
});

describe('the block of a feeder', () => {
  it.each([
    ['{}', 'needs one of csv, jsonl and rows'],
    ['{ csv: a.csv, jsonl: b.jsonl }', 'needs one of csv, jsonl and rows'],
    ['{ csv: a.csv, order: random, whenExhausted: stop }', 'rows drawn at random never run out'],
    ['{ csv: a.csv, order: uniq }', '"uniq" is not known (Did you mean "unique"?)'],
    ['{ cvs: a.csv }', 'is not a known field (Did you mean "csv"?)'],
  ])('%s is refused', (feeder, expected) => {
    expect(() => feedsOf(feeder)).toThrow(expected);
  });

  it('is known by the journey, and its columns by their feeder', () => {
    expect(() => feedsOf('{ rows: [{ id: 1 }] }', { journey: 'user: peple.id' })).toThrow(
      'there is no feeder "peple" (Did you mean "people"?)',
    );
    expect(() => feedsOf('{ rows: [{ id: 1 }] }', { journey: 'user: person' })).toThrow(
      'is neither iteration, vu nor a column of a feeder',
    );
    for (const journey of ['sku: people', 'sku: people.', 'units: .id'])
      expect(() => feedsOf('{ rows: [{ id: 1 }] }', { journey })).toThrow('is not a column of a feeder');
  });
});
