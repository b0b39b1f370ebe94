import { inflateSync } from 'node:zlib';
import { assert } from '../kernel/assert.ts';
import { COUNTS, DIGITS, HIGHEST_US, LOWEST_US } from './histogram-shape.ts';

/*
 * The V2 form of HdrHistogram (https://github.com/HdrHistogram/HdrHistogram), which its tools and libraries read: a
 * header, then the counts as ZigZag LEB128 numbers; a negative one skips that many zeros.
 */
const COOKIE = 0x1c849313;
const HEADER_BYTES = 40;
const LENGTH_OFFSET = 4;
/** Of a count below 2^55. */
const MAX_COUNT_BYTES = 8;
const MAX_BYTES = HEADER_BYTES + COUNTS * MAX_COUNT_BYTES;

const MAX_NUMBER = 2 * Number.MAX_SAFE_INTEGER;

/** The compressed form: this cookie and the length, then the deflated bytes. */
const ENVELOPE_COOKIE = 0x1c849314;
const ENVELOPE_BYTES = 8;

/** The bytes within the compressed form in base64. Checked to be of the one shape, and bounded, whatever it claims to be. */
export const inflate = (hdr: string): Uint8Array<ArrayBuffer> => {
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

/** Adds the counts in `bytes` to `counts`, by their indexes. */
export const readCounts = (bytes: Uint8Array, counts: Float64Array): void => {
  let index = 0;
  for (let at = HEADER_BYTES; at < bytes.length;) {
    let value = 0;
    let scale = 1;
    let byte;
    do {
      assert(at < bytes.length, 'the last count of an encoded histogram is whole');
      byte = bytes[at]!;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      at += 1;
    } while (byte > 0x7f);
    assert(value <= MAX_NUMBER, 'a count of an encoded histogram is one that can be counted');
    const isSkip = value % 2 === 1;
    if (!isSkip) counts[index]! += value / 2;
    index += isSkip ? (value + 1) / 2 : 1;
    assert(index <= COUNTS, 'an encoded histogram has no more counts than its shape');
  }
};

/** Written over each time: the result is copied out. */
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
export const writeCounts = (counts: Float64Array): Uint8Array<ArrayBuffer> => {
  let at = HEADER_BYTES;
  let zeros = 0;
  for (const count of counts) {
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
