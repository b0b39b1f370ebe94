import { availableParallelism, cpus } from 'node:os';

/** What one round of one side measured, by column. */
export type Figures = Readonly<Record<string, number>>;

/** One of the things compared. */
export interface Side {
  readonly name: string;
  run(): Promise<Figures>;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/**
 * Runs all sides `rounds` times, each round in the opposite order of the last (ABBA), so that a machine that slows
 * down or warms up does so for all of them alike. Gives each side's medians, in the order of `sides`.
 */
export const runSides = async (sides: readonly Side[], rounds: number): Promise<Figures[]> => {
  const measured: Figures[][] = sides.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const order = [...sides.keys()];
    for (const index of round % 2 === 0 ? order : order.toReversed()) {
      const figures = await sides[index]!.run();
      measured[index]!.push(figures);
      process.stderr.write(`  ${sides[index]!.name}: ${inWords(figures)}\n`);
    }
  }
  return measured.map(mediansOf);
};

const mediansOf = (rounds: readonly Figures[]): Figures =>
  Object.fromEntries(Object.keys(rounds[0]!).map((key) => [key, median(rounds.map((row) => row[key]!))]));

const inWords = (figures: Figures): string =>
  Object.entries(figures)
    .map(([key, value]) => `${key} ${format(value)}`)
    .join(', ');

const format = (value: number): string =>
  value.toLocaleString('en-US', {
    maximumFractionDigits: Math.abs(value) < 10 ? 3 : Math.abs(value) < 100 ? 1 : 0,
  });

/** Prints each side's medians and, in each column, its ratio to the first side, which is the yardstick. */
export const printSides = (title: string, sides: readonly Side[], medians: readonly Figures[]): void => {
  const columns = Object.keys(medians[0]!);
  const cells = medians.map((figures, i) => [
    sides[i]!.name,
    ...columns.map((key) => {
      const ratio = figures[key]! / medians[0]![key]!;
      return `${format(figures[key]!)}${i === 0 ? '' : ` (${ratio.toFixed(2)})`}`;
    }),
  ]);
  const rows = [['', ...columns], ...cells];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  console.log(`\n${title} (medians; in brackets the ratio to the first row)`);
  for (const row of rows) {
    const [name, ...figures] = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    console.log([name, ...figures].join('  '));
  }
};

/** Says whether a bar was met. A benchmark informs; it fails nothing. */
export const printBar = (what: string, reached: number, comparison: '>=' | '<=', bar: number): void => {
  const met = comparison === '>=' ? reached >= bar : reached <= bar;
  console.log(`${met ? 'met   ' : 'MISSED'} ${what}: ${format(reached)} (${comparison} ${format(bar)})`);
};

export const machine = (): string =>
  `${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
