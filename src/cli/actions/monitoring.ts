import { isIP } from 'node:net';
import { usageError } from '../../kernel/errors.ts';
import { LiveMetrics } from '../../report/metrics/live.ts';
import { otlpTargetOf, type OtlpTarget } from '../../report/metrics/otlp-target.ts';
import type { Result } from '../../report/model.ts';
import type { Observer } from '../../run/request.ts';
import type { Scenario } from '../../scenarios/schema.ts';
import type { MonitoringOptions } from '../monitoring-options.ts';

/** Where a run is to be seen while it lasts. */
export interface Monitoring {
  readonly prometheus: { readonly host: string; readonly port: number } | undefined;
  readonly otlp: OtlpTarget | undefined;
}

const LOOPBACK = '127.0.0.1';

/** Reads the flags; refuses what could not be done. */
export const monitoringOf = (options: MonitoringOptions & { readonly allowRemote?: boolean }): Monitoring => {
  const { metricsPort: port, metricsHost: host = LOOPBACK, otlp, allowRemote = false } = options;
  if (port === undefined && options.metricsHost !== undefined)
    throw usageError('--metrics-host alone serves nothing', 'Add --metrics-port.');
  if (isIP(host) === 0)
    throw usageError('--metrics-host is not an address', 'Write an IP address of this machine.');
  return {
    prometheus: port === undefined ? undefined : { host, port },
    otlp: otlp === undefined ? undefined : otlpTargetOf(otlp, allowRemote),
  };
};

interface Watcher {
  close(): Promise<void>;
}

/** Only what is asked for is loaded. */
const start = async (
  { prometheus, otlp }: Monitoring,
  live: LiveMetrics,
  say: (line: string) => void,
): Promise<Watcher[]> => {
  const watchers: Watcher[] = [];
  if (prometheus !== undefined) {
    const { serveMetrics } = await import('../../report/metrics/server.ts');
    const server = await serveMetrics(live, prometheus.host, prometheus.port);
    say(`Live figures for Prometheus: ${server.url}`);
    watchers.push(server);
  }
  if (otlp !== undefined) {
    const { OtlpPush } = await import('../../report/metrics/otlp-push.ts');
    watchers.push(new OtlpPush(otlp, live, say));
  }
  return watchers;
};

/** Runs `job` with an observer that shows it to monitoring systems as well. */
export const monitored = async (
  monitoring: Monitoring,
  scenario: Scenario,
  observer: Observer,
  job: (observer: Observer) => Promise<Result>,
): Promise<Result> => {
  if (monitoring.prometheus === undefined && monitoring.otlp === undefined) return job(observer);
  const live = new LiveMetrics(scenario);
  const watchers = await start(monitoring, live, (line) => observer.say(line));
  try {
    const result = await job({
      phase: (text) => observer.phase(text),
      say: (text) => observer.say(text),
      update(figures) {
        live.show(figures);
        observer.update(figures);
      },
      measured: (runId, interval) => live.add(runId, interval),
    });
    live.end(result);
    return result;
  } finally {
    await Promise.all(watchers.map((watcher) => watcher.close()));
  }
};
