/** What sets a point apart from the others of its metric. */
export type Labels = Readonly<Record<string, string>>;

export interface Point {
  readonly labels: Labels;
  readonly value: number;
}

/** Durations in seconds, in buckets. */
export interface Buckets {
  readonly labels: Labels;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Upper bounds, and how many values are at most each: a value counts under every bound it is not above. */
  readonly bounds: readonly number[];
  readonly upTo: readonly number[];
}

interface Described {
  /** In snake case, without prefix and unit. */
  readonly name: string;
  readonly help: string;
  /** Of the values; absent: they are counts. */
  readonly unit?: 'seconds';
}

/** A metric of monitoring systems, with all its points. A counter only grows while a run lasts. */
export type Metric =
  | (Described & { readonly type: 'counter' | 'gauge'; readonly points: readonly Point[] })
  | (Described & { readonly type: 'histogram'; readonly points: readonly Buckets[] });
