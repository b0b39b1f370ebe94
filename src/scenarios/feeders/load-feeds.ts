import { messageOf } from '../../kernel/errors.ts';
import { maxVusOf, planOf } from '../executors/index.ts';
import { problemsError, type Problem } from '../problems.ts';
import type { Scenario } from '../schema.ts';
import { countOf, quote } from '../wording.ts';
import type { FeederConfig } from './config.ts';
import { columnsOf, expectedIn, readCell, type FedField } from './fields.ts';
import { readRows, type Row } from './read-rows.ts';
import { RowError } from './row-error.ts';

/** A feeder's rows as they are used: a number for each field and row, in memory that threads share. */
export interface Feed {
  readonly rows: number;
  readonly values: { readonly [Field in FedField]?: Float64Array };
}

/** Those feeders that the journey takes something from. */
export type Feeds = Readonly<Record<string, Feed>>;

/** 8 bytes for each row and field: 80 MB a field at the bound. */
const MAX_ROWS = 10_000_000;
const MAX_WRONG_CELLS = 10;

/**
 * Reads and checks all that the journey takes from feeders. Throws one usage error that tells what is wrong with
 * them, by file and line.
 */
export const loadFeeds = async (scenario: Scenario): Promise<Feeds> => {
  const columns = columnsOf(scenario.journey.options);
  const problems: Problem[] = [];
  const feeds: Record<string, Feed> = {};
  for (const [name, config] of Object.entries(scenario.feeders)) {
    const own = columns.filter(({ feeder }) => feeder === name);
    if (own.length === 0) continue;
    const feed = await new FeedReader(name, config, own, scenario.catalog.skus, problems).read();
    if (feed === undefined) continue;
    const shortage = shortageOf(config, feed.rows, scenario);
    if (shortage === undefined) feeds[name] = feed;
    else problems.push({ where: placeOf(name, config), path: [], what: shortage });
  }
  if (problems.length > 0) throw problemsError(problems);
  return feeds;
};

const placeOf = (name: string, { source }: FeederConfig, line?: number): string => {
  if (source.kind === 'rows') return line === undefined ? `feeder ${name}` : `feeder ${name}, row ${line}`;
  return line === undefined ? source.path : `${source.path}:${line}`;
};

class FeedReader {
  readonly #name: string;
  readonly #config: FeederConfig;
  readonly #columns: readonly { readonly field: FedField; readonly column: string }[];
  readonly #skus: number;
  readonly #problems: Problem[];
  readonly #values: GrowingColumn[];
  #rows = 0;
  #wrongCells = 0;

  constructor(
    name: string,
    config: FeederConfig,
    columns: readonly { readonly field: FedField; readonly column: string }[],
    skus: number,
    problems: Problem[],
  ) {
    this.#name = name;
    this.#config = config;
    this.#columns = columns;
    this.#skus = skus;
    this.#problems = problems;
    this.#values = columns.map(() => new GrowingColumn());
  }

  /** `undefined` when something is wrong, which the problems say. */
  async read(): Promise<Feed | undefined> {
    try {
      const wanted = this.#columns.map(({ column }) => column);
      for await (const rows of readRows(this.#config.source, wanted))
        if (!rows.every((row) => this.#take(row))) break;
    } catch (error) {
      if (error instanceof RowError) this.#refuse(error.message, error.line);
      else if (isSystemError(error)) this.#refuse(`cannot be read: ${messageOf(error)}`);
      else throw error;
      return undefined;
    }
    if (this.#wrongCells > 0) return undefined;
    if (this.#rows === 0) {
      this.#refuse('has no rows');
      return undefined;
    }
    const shared = this.#columns.map(({ field }, index) => [field, this.#values[index]!.shared()] as const);
    return { rows: this.#rows, values: Object.fromEntries(shared) };
  }

  /** False: reading on would be of no use. */
  #take({ line, cells }: Row): boolean {
    if (this.#rows === MAX_ROWS) throw new RowError(line, `more than ${countOf(MAX_ROWS, 'row')}`);
    this.#rows += 1;
    for (const [index, { field, column }] of this.#columns.entries()) {
      const value = readCell(field, cells[index]!, this.#skus);
      if (value === undefined) {
        const expected = expectedIn(field, this.#skus);
        this.#refuse(`${quote(cells[index])} in column "${column}" is not ${expected}`, line);
        this.#wrongCells += 1;
      }
      this.#values[index]!.push(value ?? 0);
    }
    return this.#wrongCells < MAX_WRONG_CELLS;
  }

  #refuse(what: string, line?: number): void {
    this.#problems.push({ where: placeOf(this.#name, this.#config, line), path: [], what });
  }
}

/** Of the file system: there is no such file, it is a folder, it may not be read. */
const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/** A column of numbers of unknown length; twice as long whenever it is full. */
class GrowingColumn {
  #values = new Float64Array(1_024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const longer = new Float64Array(2 * this.#length);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  shared(): Float64Array {
    const values = new Float64Array(new SharedArrayBuffer(this.#length * Float64Array.BYTES_PER_ELEMENT));
    values.set(this.#values.subarray(0, this.#length));
    return values;
  }
}

/** What a run would lack, as far as it can be counted beforehand. */
const shortageOf = (
  { order, whenExhausted }: FeederConfig,
  rows: number,
  { load }: Scenario,
): string | undefined => {
  const plan = planOf(load);
  const vus = maxVusOf(plan);
  const has = `has ${countOf(rows, 'row')}`;
  const endsByRows = whenExhausted === 'stop' && plan.kind === 'arrivals';
  if (order === 'unique' && rows < vus && !endsByRows)
    return `${has}, and ${countOf(vus, 'virtual user')} need one each of their own (Add rows, or take order: sequential.)`;
  if (whenExhausted === 'stop' && plan.iterations < Infinity && rows < plan.iterations)
    return `${has} for ${countOf(plan.iterations, 'iteration')} (Add rows, or take whenExhausted: recycle.)`;
  return undefined;
};
