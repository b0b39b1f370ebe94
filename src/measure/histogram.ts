import { initWebAssemblySync, WasmHistogram } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { assert } from '../kernel/assert.ts';
import { COUNTS, DIGITS, HIGHEST_US, LOWEST_US, lowestValueAt } from './histogram-shape.ts';
import { inflate, readCounts, writeCounts } from './histogram-v2.ts';

/** 32 bits would overflow after minutes of empty iterations, which all fall into one bucket. */
const COUNT_BITS = 64;

/**
 * A new histogram: 139 kB of WebAssembly memory, which `destroy()` gives back. Recording takes about half the
 * time of the library's JavaScript histograms (bench/record.ts).
 */
export const newHistogram = (): WasmHistogram => {
  initWebAssemblySync();
  return WasmHistogram.build({
    lowestDiscernibleValue: LOWEST_US,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: DIGITS,
    bitBucketSize: COUNT_BITS,
    autoResize: false,
    useWebAssembly: true,
  });
};

/**
 * A histogram of the one shape between threads, where the speed of a merge counts: a word for each count that is not
 * zero, in the order of their indexes. A word has the count above the index; of a count that does not fit, it has
 * none, and the next two words are its upper and lower 32 bits.
 */
export type EncodedHistogram = Uint32Array<ArrayBuffer>;

const INDEX_BITS = 15;
const INDEX_MASK = 2 ** INDEX_BITS - 1;
const MAX_SHORT_COUNT = 2 ** (32 - INDEX_BITS) - 1;
assert(COUNTS <= 2 ** INDEX_BITS, 'an index fits into its bits');

export const encode = (histogram: WasmHistogram): EncodedHistogram => {
  const counts = new Float64Array(COUNTS);
  readCounts(histogram.encode(), counts);
  return pack(counts);
};

/** What a result holds: the V2 compressed form in base64. Refused unless it is of the one shape. */
export const decompress = (hdr: string): EncodedHistogram => {
  const counts = new Float64Array(COUNTS);
  readCounts(inflate(hdr), counts);
  return pack(counts);
};

/** Lends a histogram, encoded or as a result holds it, to `use`, and frees it. */
export const withDecoded = <T>(encoded: EncodedHistogram | string, use: (histogram: Histogram) => T): T => {
  initWebAssemblySync();
  const bytes = typeof encoded === 'string' ? inflate(encoded) : writeCounts(unpack([encoded]));
  const histogram = WasmHistogram.decode(bytes, COUNT_BITS);
  try {
    return use(histogram);
  } finally {
    histogram.destroy();
  }
};

/** The sum of encoded histograms, encoded. Depends only on the counts, not on their order or grouping. */
export const mergeEncoded = (encodings: readonly EncodedHistogram[]): EncodedHistogram =>
  pack(unpack(encodings));

/** How many values of an encoded histogram are at most each of `boundsUs`, to the digits that it has. */
export const countsUpTo = (encoded: EncodedHistogram, boundsUs: readonly number[]): number[] => {
  const counts = unpack([encoded]);
  return boundsUs.map((bound) => {
    let upTo = 0;
    for (let index = 0; index < COUNTS && lowestValueAt(index) <= bound; index += 1) upTo += counts[index]!;
    return upTo;
  });
};

/** Written over by each `pack`, whose result is copied out. */
const draft = new Uint32Array(3 * COUNTS);

const pack = (counts: Float64Array): EncodedHistogram => {
  let words = 0;
  for (let index = 0; index < COUNTS; index += 1) {
    const count = counts[index]!;
    if (count === 0) continue;
    if (count <= MAX_SHORT_COUNT) {
      draft[words] = (count << INDEX_BITS) | index;
      words += 1;
    } else {
      draft[words] = index;
      draft[words + 1] = Math.floor(count / 2 ** 32);
      draft[words + 2] = count;
      words += 3;
    }
  }
  return draft.slice(0, words);
};

/** The counts of all of them together, by their indexes. */
const unpack = (encodings: readonly EncodedHistogram[]): Float64Array => {
  const counts = new Float64Array(COUNTS);
  for (const words of encodings) {
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at]!;
      const count = word >>> INDEX_BITS;
      if (count > 0) {
        counts[word & INDEX_MASK]! += count;
      } else {
        counts[word]! += words[at + 1]! * 2 ** 32 + words[at + 2]!;
        at += 2;
      }
    }
  }
  return counts;
};
