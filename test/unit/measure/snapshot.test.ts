import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import { decodeFromCompressedBase64, encodeIntoCompressedBase64, type WasmHistogram } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { decompress, encode, mergeEncoded, newHistogram } from '../../../src/measure/histogram.ts';
import { EMPTY_SNAPSHOT, mergeAll, mergeSnapshots } from '../../../src/measure/snapshot.ts';
import { summarize } from '../../../src/measure/summary.ts';
import { durations, snapshotOf } from './values.ts';

const snapshots = durations.map((values) => snapshotOf(values));

describe('merging snapshots', () => {
  it('is associative', () => {
    fc.assert(
      fc.property(snapshots, snapshots, snapshots, (a, b, c) => {
        expect(mergeSnapshots(mergeSnapshots(a, b), c)).toEqual(mergeSnapshots(a, mergeSnapshots(b, c)));
      }),
    );
  });

  it('is commutative', () => {
    fc.assert(
      fc.property(snapshots, snapshots, (a, b) => {
        expect(mergeSnapshots(a, b)).toEqual(mergeSnapshots(b, a));
      }),
    );
  });

  it('has the empty snapshot as its identity', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        expect(mergeSnapshots(snapshot, EMPTY_SNAPSHOT)).toEqual(snapshot);
        expect(mergeSnapshots(EMPTY_SNAPSHOT, snapshot)).toEqual(snapshot);
      }),
    );
  });

  it('of any number at once gives what merging one by one gives', () => {
    fc.assert(
      fc.property(fc.array(snapshots, { maxLength: 6 }), (list) => {
        expect(mergeAll(list)).toEqual(list.reduce(mergeSnapshots, EMPTY_SNAPSHOT));
      }),
    );
  });

  it('gives what one recorder would have measured that saw every value', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const merged = mergeSnapshots(snapshotOf(a), snapshotOf(b));
        const whole = snapshotOf([...a, ...b]);
        expect(merged).toEqual(whole);
        expect(summarize(merged.histograms['order.latency']).count).toBe(a.length + b.length);
      }),
    );
  });

  it('keeps metrics, counters and gauges that only one side has', () => {
    const a = { histograms: snapshotOf([5]).histograms, counters: { a: 1 }, peaks: { a: -1 } };
    const b = { histograms: {}, counters: { b: 2 }, peaks: { b: 3 } };
    expect(mergeSnapshots(a, b)).toEqual({
      histograms: a.histograms,
      counters: { a: 1, b: 2 },
      peaks: { a: -1, b: 3 },
    });
  });
});

const weighted = fc.array(fc.tuple(fc.nat(60_000_000), fc.integer({ min: 1, max: 2 ** 47 })), {
  maxLength: 20,
});
type Weighted = readonly (readonly [value: number, count: number])[];

const histogramOf = (entries: Weighted) => {
  const histogram = newHistogram();
  for (const [value, count] of entries) histogram.recordValueWithCount(value, count);
  return histogram;
};

const hdrOf = (histogram: WasmHistogram): string => encodeIntoCompressedBase64(histogram);

describe('merging encoded histograms', () => {
  it('agrees with the library, for counts of every length', () => {
    fc.assert(
      fc.property(weighted, weighted, (a, b) => {
        const histogram = histogramOf(a);
        const other = histogramOf(b);
        const merged = mergeEncoded([encode(histogram), decompress(hdrOf(other))]);
        histogram.add(other);
        expect(merged).toEqual(encode(histogram));
        histogram.destroy();
        other.destroy();
      }),
    );
  });

  it('loses nothing on the way into a result and back', () => {
    fc.assert(
      fc.property(weighted, (entries) => {
        const histogram = histogramOf(entries);
        expect(decompress(hdrOf(histogram))).toEqual(encode(histogram));
        histogram.destroy();
      }),
    );
  });

  it('of none or one gives the same', () => {
    const [none, one] = [histogramOf([]), histogramOf([[60_000_000, 2 ** 47]])];
    expect(mergeEncoded([])).toEqual(encode(none));
    expect(mergeEncoded([encode(one)])).toEqual(encode(one));
  });

  it('writes what the library reads', () => {
    const histogram = histogramOf([[12_345, 7]]);
    const decoded = decodeFromCompressedBase64(hdrOf(histogram));
    expect(decoded.totalCount).toBe(7);
    expect(decoded.getValueAtPercentile(50)).toBe(12_351);
  });

  const corrupted = (change: (body: Buffer) => Buffer): string => {
    const histogram = histogramOf([[12_345, 700]]);
    const body = deflateSync(change(Buffer.from(histogram.encode())));
    const envelope = Buffer.alloc(8);
    envelope.writeInt32BE(0x1c849314, 0);
    envelope.writeInt32BE(body.length, 4);
    return Buffer.concat([envelope, body]).toString('base64');
  };
  const set = (offset: number, value: number) => (body: Buffer) => {
    body.writeInt32BE(value, offset);
    return body;
  };
  /** Replaces the counts. */
  const counts =
    (...bytes: number[]) =>
    (body: Buffer) =>
      set(4, bytes.length)(Buffer.concat([body.subarray(0, 40), Buffer.from(bytes)]));

  it('reads what these corruptions start from', () => {
    expect(() => mergeEncoded([decompress(corrupted((body) => body))])).not.toThrow();
  });

  it.each([
    ['nothing', ''],
    ['another format', Buffer.alloc(64).toString('base64')],
    ['another cookie', corrupted(set(0, 1))],
    ['other digits', corrupted(set(12, 2))],
    ['another lowest value', corrupted(set(20, 1_000))],
    ['another highest value', corrupted(set(28, 1_000))],
    ['a part', corrupted((body) => body.subarray(0, -1))],
    ['more than it says', corrupted((body) => Buffer.concat([body, Buffer.of(2)]))],
    ['half a count', corrupted(counts(0x80))],
    ['a count beyond all counting', corrupted(counts(...Array<number>(200).fill(0xff), 0x02))],
    ['more counts than there are values', corrupted(counts(0xff, 0xff, 0xff, 0x7f, 2))],
    ['a flood', corrupted((body) => Buffer.concat([body, Buffer.alloc(1_000_000)]))],
  ])('refuses %s', (_, encoded) => {
    expect(() => mergeEncoded([decompress(encoded)])).toThrow();
  });
});
