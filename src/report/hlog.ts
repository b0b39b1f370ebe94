import { HistogramLogWriter } from 'hdr-histogram-js';
import { withDecoded } from '../measure/histogram.ts';
import type { Result } from './model.ts';
import { seriesOf } from './steps.ts';
import { printable } from './text.ts';

const MS_PER_SECOND = 1_000;
const US_PER_MS = 1_000;

/** A tag ends at a comma. */
const tagOf = (series: string): string => printable(series).replaceAll(/[\s,=]/g, '-');

/**
 * The histograms as an HdrHistogram log, version 1.3 (https://github.com/HdrHistogram/HdrHistogram), which its
 * public viewers read: one interval, the whole load, per series, each under its own tag. Values are in
 * microseconds; the maximum beside them is in milliseconds.
 */
export const renderHlog = (result: Result): string => {
  const { run } = result;
  const lines: string[] = [];
  const startMs = Date.parse(run.startedAt);
  // The library ends its line on the start time twice, and not every reader passes over an empty one.
  const writer = new HistogramLogWriter((line) => lines.push(line.trimEnd()));
  writer.outputLogFormatVersion();
  writer.outputComment(
    `trade-sim run ${printable(run.id)} of ${printable(run.scenario)}; values in microseconds`,
  );
  writer.outputStartTime(startMs);
  writer.outputLegend();
  const startSeconds = startMs / MS_PER_SECOND;
  for (const [series, { count, hdr }] of Object.entries(seriesOf(result))) {
    if (count === 0) continue;
    withDecoded(hdr, (histogram) => {
      histogram.tag = tagOf(series);
      const endSeconds = startSeconds + run.durationMs / MS_PER_SECOND;
      writer.outputIntervalHistogram(histogram, startSeconds, endSeconds, US_PER_MS);
    });
  }
  return `${lines.join('\n')}\n`;
};
