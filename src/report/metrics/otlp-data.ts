import { ValueType, type HrTime } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type DataPoint,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { version } from '../../kernel/version.ts';
import type { LiveMetrics } from './live.ts';
import type { Buckets, Labels, Metric } from './model.ts';

/** Both in ms since the epoch. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const hrTime = (epochMs: number): HrTime => [
  Math.floor(epochMs / 1_000),
  Math.round((epochMs % 1_000) * 1e6),
];

const histogramOf = ({ count, sum, min, max, bounds, upTo }: Buckets): Histogram => ({
  count,
  sum,
  min,
  max,
  buckets: {
    boundaries: [...bounds],
    counts: [...upTo, count].map((upToHere, index) => upToHere - (upTo[index - 1] ?? 0)),
  },
});

const metricData = (metric: Metric, { startMs, endMs }: Span): MetricData => {
  const shared = {
    descriptor: {
      name: `trade_sim.${metric.name}`,
      description: metric.help,
      unit: metric.unit === undefined ? '' : 's',
      valueType: ValueType.DOUBLE,
    },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <T>(attributes: Labels, value: T): DataPoint<T> => ({
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    attributes,
    value,
  });
  if (metric.type === 'histogram')
    return {
      ...shared,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: metric.points.map((buckets) => point(buckets.labels, histogramOf(buckets))),
    };
  const dataPoints = metric.points.map(({ labels, value }) => point(labels, value));
  return metric.type === 'counter'
    ? { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...shared, dataPointType: DataPointType.GAUGE, dataPoints };
};

/** The figures of a run as OpenTelemetry has them; what the run is are attributes of the resource. */
export const otlpDataOf = (live: LiveMetrics, span: Span): ResourceMetrics => ({
  resource: resourceFromAttributes({
    'service.name': 'trade-sim',
    'service.version': version(),
    'service.instance.id': live.runId ?? '',
    ...Object.fromEntries(Object.entries(live.labels).map(([name, text]) => [`trade_sim.${name}`, text])),
  }),
  scopeMetrics: [
    {
      scope: { name: 'trade-sim', version: version() },
      metrics: live.metrics().map((metric) => metricData(metric, span)),
    },
  ],
});
