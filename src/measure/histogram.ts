import { deflateSync, inflateSync } from 'node:zlib';
import { initWebAssemblySync, WasmHistogram } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { assert } from '../kernel/assert.ts';

/**
 * High dynamic range histograms of durations in whole microseconds: 0 and 1 µs to 60 s, 3 significant digits.
 * All histograms of trade-sim have this one shape, so that any two of them merge without loss.
 */
const LOWEST_US = 1;
export const HIGHEST_US = 60_000_000;
const DIGITS = 3;
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

const ENVELOPE_COOKIE = 0x1c849314;
const ENVELOPE_BYTES = 8;

/**
 * The V2 compressed form of HdrHistogram (https://github.com/HdrHistogram/HdrHistogram), which its tools read,
 * but with the zlib data stored instead of deflated: between threads, speed counts and size does not.
 */
export const encode = (histogram: WasmHistogram): string => {
  const data = deflateSync(histogram.encode(), { level: 0 });
  const envelope = Buffer.alloc(ENVELOPE_BYTES);
  envelope.writeInt32BE(ENVELOPE_COOKIE, 0);
  envelope.writeInt32BE(data.length, 4);
  return Buffer.concat([envelope, data]).toString('base64');
};

/** Decodes any V2 compressed histogram of this shape, lends it to `use`, and frees it. */
export const withDecoded = <T>(encoded: string, use: (histogram: Histogram) => T): T => {
  initWebAssemblySync();
  const histogram = WasmHistogram.decode(open(encoded), COUNT_BITS);
  try {
    return use(histogram);
  } finally {
    histogram.destroy();
  }
};

/** The sum of encoded histograms, encoded. Depends only on the counts, not on their order or grouping. */
export const mergeEncoded = (encodings: readonly string[]): string => {
  const counts = new Float64Array(COUNTS);
  for (const encoded of encodings) addCounts(open(encoded), counts);
  const sum = newHistogram();
  try {
    for (let index = 0; index < COUNTS; index += 1) {
      const count = counts[index]!;
      if (count > 0) sum.recordValueWithCount(lowestValueAt(index), count);
    }
    return encode(sum);
  } finally {
    sum.destroy();
  }
};

const COOKIE = 0x1c849313;
const HEADER_BYTES = 40;
/** Values below SUB_BUCKETS have a count each; beyond, each further power of two has SUB_BUCKETS / 2 of them. */
const SUB_BUCKETS = 2 ** Math.ceil(Math.log2(2 * 10 ** DIGITS));
const HALF = SUB_BUCKETS / 2;
const COUNTS = (Math.floor(Math.log2(HIGHEST_US / HALF)) + 2) * HALF;
/** Of a count below 2^55, ZigZag LEB128. */
const MAX_COUNT_BYTES = 8;

const lowestValueAt = (index: number): number =>
  index < SUB_BUCKETS ? index : ((index % HALF) + HALF) * 2 ** (Math.floor(index / HALF) - 1);

/** The header and counts within an encoding, checked to be of the one shape. Bounded, whatever it claims to be. */
const open = (encoded: string): Buffer => {
  const bytes = Buffer.from(encoded, 'base64');
  assert(
    bytes.length > ENVELOPE_BYTES && bytes.readInt32BE(0) === ENVELOPE_COOKIE,
    'a histogram is encoded in the V2 compressed form',
  );
  const body = inflateSync(bytes.subarray(ENVELOPE_BYTES), {
    maxOutputLength: HEADER_BYTES + COUNTS * MAX_COUNT_BYTES,
  });
  assert(
    body.length >= HEADER_BYTES &&
      body.readInt32BE(0) === COOKIE &&
      body.readInt32BE(4) === body.length - HEADER_BYTES &&
      body.readInt32BE(12) === DIGITS &&
      body.readBigInt64BE(16) === BigInt(LOWEST_US) &&
      body.readBigInt64BE(24) === BigInt(HIGHEST_US),
    'an encoded histogram has the one shape of all histograms',
  );
  return body;
};

/**
 * Adds the counts of an opened encoding to `counts`. Each is a ZigZag LEB128 number; a negative one skips that
 * many zeros. Five times as fast as decoding into a histogram to add that one: what many workers measured is
 * merged within milliseconds.
 */
const addCounts = (body: Buffer, counts: Float64Array): void => {
  let at = HEADER_BYTES;
  let index = 0;
  while (at < body.length) {
    const first = body[at]!;
    let value = first & 0x7f;
    let byte = first;
    at += 1;
    for (let scale = 0x80; byte > 0x7f; scale *= 0x80) {
      assert(at < body.length, 'the last count of an encoded histogram is whole');
      byte = body[at]!;
      value += (byte & 0x7f) * scale;
      at += 1;
    }
    const isNegative = (first & 1) === 1;
    if (isNegative) {
      index += (value + 1) / 2;
    } else {
      assert(index < COUNTS, 'an encoded histogram has no more counts than its shape');
      counts[index]! += value / 2;
      index += 1;
    }
  }
};
