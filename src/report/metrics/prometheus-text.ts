import { printableLines } from '../text.ts';
import type { Buckets, Labels, Metric } from './model.ts';

/** Of the text format, version 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const escapeLabel = (text: string): string =>
  printableLines(text)
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);

/** A value in the text format: `name{label="text"} 1`. */
export const sampleLine = (name: string, labels: Labels, value: number): string => {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}{${pairs.join(',')}} ${value}`;
};

/** A family in the text format. `help` is ours and needs no escape. */
export const familyLines = (name: string, type: string, help: string, samples: readonly string[]): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples].join('\n');

const bucketLines = (
  name: string,
  common: Labels,
  { labels, bounds, upTo, sum, count }: Buckets,
): string[] => {
  const all = { ...common, ...labels };
  return [
    ...bounds.map((bound, index) =>
      sampleLine(`${name}_bucket`, { ...all, le: String(bound) }, upTo[index]!),
    ),
    sampleLine(`${name}_bucket`, { ...all, le: '+Inf' }, count),
    sampleLine(`${name}_sum`, all, sum),
    sampleLine(`${name}_count`, all, count),
  ];
};

const linesOf = (metric: Metric, common: Labels): string => {
  const unit = metric.unit === undefined ? '' : `_${metric.unit}`;
  const name = `trade_sim_${metric.name}${unit}${metric.type === 'counter' ? '_total' : ''}`;
  const samples =
    metric.type === 'histogram'
      ? metric.points.flatMap((point) => bucketLines(name, common, point))
      : metric.points.map(({ labels, value }) => sampleLine(name, { ...common, ...labels }, value));
  return familyLines(name, metric.type, metric.help, samples);
};

/** Metrics in the text format, each point with the `common` labels too. */
export const prometheusText = (metrics: readonly Metric[], common: Labels): string =>
  metrics.map((metric) => `${linesOf(metric, common)}\n`).join('');
