import { inflateSync } from 'node:zlib';
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

/**
 * A histogram of the one shape as bytes: the V2 form of HdrHistogram (https://github.com/HdrHistogram/HdrHistogram),
 * neither compressed nor in base64: between threads, speed counts and size does not.
 */
export type EncodedHistogram = Uint8Array<ArrayBuffer>;

export const encode = (histogram: WasmHistogram): EncodedHistogram => new Uint8Array(histogram.encode());

/** Decodes a histogram (as bytes, or as a result holds it), lends it to `use`, and frees it. */
export const withDecoded = <T>(encoded: EncodedHistogram | string, use: (histogram: Histogram) => T): T => {
  initWebAssemblySync();
  const bytes = typeof encoded === 'string' ? decompress(encoded) : encoded;
  const histogram = WasmHistogram.decode(bytes, COUNT_BITS);
  try {
    return use(histogram);
  } finally {
    histogram.destroy();
  }
};

/** The sum of encoded histograms, encoded. Depends only on the counts, not on their order or grouping. */
export const mergeEncoded = (encodings: readonly EncodedHistogram[]): EncodedHistogram => {
  const counts = new Float64Array(COUNTS);
  let used = 0;
  for (const encoded of encodings) used = Math.max(used, addCounts(encoded, counts));
  return encodeCounts(counts.subarray(0, used));
};

/** How many values of an encoded histogram are at most each of `boundsUs`, to the digits that it has. */
export const countsUpTo = (encoded: EncodedHistogram, boundsUs: readonly number[]): number[] => {
  const counts = new Float64Array(COUNTS);
  addCounts(encoded, counts);
  return boundsUs.map((bound) => {
    let upTo = 0;
    for (let index = 0; index < COUNTS && lowestValueAt(index) <= bound; index += 1) upTo += counts[index]!;
    return upTo;
  });
};

const ENVELOPE_COOKIE = 0x1c849314;
const ENVELOPE_BYTES = 8;
const COOKIE = 0x1c849313;
const HEADER_BYTES = 40;
const LENGTH_OFFSET = 4;
/** Values below SUB_BUCKETS have a count each; beyond, each further power of two has SUB_BUCKETS / 2 of them. */
const SUB_BUCKETS = 2 ** Math.ceil(Math.log2(2 * 10 ** DIGITS));
const HALF = SUB_BUCKETS / 2;
const COUNTS = (Math.floor(Math.log2(HIGHEST_US / HALF)) + 2) * HALF;
const lowestValueAt = (index: number): number =>
  index < SUB_BUCKETS ? index : ((index % HALF) + HALF) * 2 ** (Math.floor(index / HALF) - 1);

/** Of a count below 2^55, ZigZag LEB128. */
const MAX_COUNT_BYTES = 8;
const MAX_BYTES = HEADER_BYTES + COUNTS * MAX_COUNT_BYTES;

/**
 * The bytes within the V2 compressed form in base64, which results hold and HdrHistogram's tools read. Checked to be
 * of the one shape, and bounded, whatever it claims to be.
 */
export const decompress = (hdr: string): EncodedHistogram => {
  const bytes = Buffer.from(hdr, 'base64');
  assert(
    bytes.length > ENVELOPE_BYTES && bytes.readInt32BE(0) === ENVELOPE_COOKIE,
    'a histogram is encoded in the V2 compressed form',
  );
  const body = inflateSync(bytes.subarray(ENVELOPE_BYTES), { maxOutputLength: MAX_BYTES });
  assert(
    body.length >= HEADER_BYTES &&
      body.readInt32BE(0) === COOKIE &&
      body.readInt32BE(LENGTH_OFFSET) === body.length - HEADER_BYTES &&
      body.readInt32BE(12) === DIGITS &&
      body.readBigInt64BE(16) === BigInt(LOWEST_US) &&
      body.readBigInt64BE(24) === BigInt(HIGHEST_US),
    'an encoded histogram has the one shape of all histograms',
  );
  return new Uint8Array(body);
};

/**
 * Adds the counts of an encoding to `counts`; gives how many there are. Each is a ZigZag LEB128 number; a negative one skips that many zeros.
 * Far faster than decoding into a histogram to add that one: what many workers measured is merged within
 * milliseconds. Nearly all numbers are of one byte, and counts and skips alternate at random: a branch between them
 * would be mispredicted half of the time.
 */
const addCounts = (encoded: EncodedHistogram, counts: Float64Array): number => {
  const { length } = encoded;
  let index = 0;
  for (let at = HEADER_BYTES; at < length; at += 1) {
    const byte = encoded[at]!;
    const isSkip = byte & 1;
    if (byte <= 0x7f) {
      const half = (byte + isSkip) >> 1;
      counts[index]! += half & (isSkip - 1);
      index += 1 + ((half - 1) & -isSkip);
      continue;
    }
    const value = longNumber(encoded, at);
    while (encoded[at]! > 0x7f) at += 1;
    if (isSkip === 0) counts[index]! += value / 2;
    // A whole number of 32 bits, whatever it claims: the loop stays in such numbers.
    index += isSkip === 1 ? Math.min((value + 1) / 2, COUNTS + 1) | 0 : 1;
  }
  assert(index <= COUNTS, 'an encoded histogram has no more counts than its shape');
  return index;
};

/** The number of several bytes that begins at `start`. */
const longNumber = (encoded: EncodedHistogram, start: number): number => {
  let value = 0;
  let scale = 1;
  for (let at = start; at < encoded.length; at += 1) {
    const byte = encoded[at]!;
    value += (byte & 0x7f) * scale;
    if (byte <= 0x7f) return value;
    scale *= 0x80;
  }
  assert(false, 'the last count of an encoded histogram is whole');
};

/** Written over by each merge: its result is copied out. */
const draft = new Uint8Array(MAX_BYTES);
const draftView = new DataView(draft.buffer);
draftView.setInt32(0, COOKIE);
// Two fields that nothing here reads, as the library writes them.
draftView.setInt32(8, 1);
draftView.setInt32(12, DIGITS);
draftView.setBigInt64(16, BigInt(LOWEST_US));
draftView.setBigInt64(24, BigInt(HIGHEST_US));
draftView.setBigInt64(32, 1n);

/** What the library would write for a histogram of these counts. */
const encodeCounts = (counts: Float64Array): EncodedHistogram => {
  let at = HEADER_BYTES;
  let zeros = 0;
  for (let index = 0; index < counts.length; index += 1) {
    const count = counts[index]!;
    if (count === 0) {
      zeros += 1;
      continue;
    }
    if (zeros > 0) at = putLeb128(at, zeros === 1 ? 0 : zeros * 2 - 1);
    zeros = 0;
    at = putLeb128(at, count * 2);
  }
  // Of nothing at all, the first count.
  if (at === HEADER_BYTES) at = putLeb128(at, 0);
  draftView.setInt32(LENGTH_OFFSET, at - HEADER_BYTES);
  return draft.slice(0, at);
};

const putLeb128 = (at: number, value: number): number => {
  let end = at;
  let rest = value;
  while (rest > 0x7f) {
    draft[end] = 0x80 + (rest % 0x80);
    rest = Math.floor(rest / 0x80);
    end += 1;
  }
  draft[end] = rest;
  return end + 1;
};
