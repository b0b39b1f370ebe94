import type { Result } from '../../src/report/model.ts';
import { resultFixture } from './result-fixture.ts';

/** A flash sale that oversold. */
export const violated = (): Result => {
  const { audit } = resultFixture();
  return resultFixture({
    verdict: 'violated',
    exitCode: 4,
    reasons: ['no-oversell: 12 units too many'],
    audit: audit.map((entry) =>
      entry.invariant === 'no-oversell'
        ? {
            ...entry,
            verdict: 'violated' as const,
            detail: '12 units too many',
            offenders: ['order 7 of user 3', 'order 8 of user 9'],
          }
        : entry,
    ),
  });
};

export const HOSTILE =
  '</script><script>document.title="owned"</script><img src=x onerror=document.title="owned">"\'&`|@all #1 \u202E]]>';

/** Every text in it is an attempt to break out of a report, and one holds a password. */
export const hostile = (): Result => {
  const base = resultFixture();
  return resultFixture({
    verdict: 'violated',
    exitCode: 4,
    reasons: [HOSTILE],
    notes: [HOSTILE, 'given: redis://u:hunter2@127.0.0.1:6379'],
    run: {
      ...base.run,
      id: HOSTILE,
      scenario: HOSTILE,
      command: `trade-sim run '${HOSTILE}' --redis redis://u:hunter2@127.0.0.1`,
      strategies: { ...base.run.strategies, lock: HOSTILE },
      services: { ...base.run.services, redis: { origin: 'given', version: HOSTILE } },
      configuration: { [HOSTILE]: HOSTILE, url: 'redis://u:hunter2@127.0.0.1' },
    },
    environment: { ...base.environment, cpu: HOSTILE },
    failures: [{ outcome: 'failed', reason: HOSTILE, count: 1 }],
    latency: { ...base.latency, [HOSTILE]: base.latency['lock.wait'] },
    audit: base.audit.map((entry) => ({
      ...entry,
      verdict: 'violated',
      detail: HOSTILE,
      offenders: [HOSTILE],
    })),
    thresholds: [{ text: HOSTILE, verdict: 'unknown', actual: null }],
  });
};

/** An hour by the second, sold out after forty minutes. */
export const hourLong = (): Result => {
  const { run, orders, stockTotal } = resultFixture();
  const initial = 60_000;
  return resultFixture({
    run: { ...run, durationMs: 3_600_000 },
    orders: { ...orders, soldOutAtMs: 2_400_000 },
    stockTotal: { ...stockTotal, initial },
    timeline: Array.from({ length: 3_600 }, (_, second) => ({
      atMs: (second + 1) * 1_000,
      iterations: 15_000 + ((second * 37) % 900),
      accepted: second < 2_400 ? 25 : 0,
      p50: 9_000 + ((second * 91) % 700),
      p99: 27_000 + ((second * 53) % 5_000),
      cacheHitRatio: 1 - (second % 7) / 1_000,
      stockLeft: Math.max(0, initial - (second + 1) * 25),
      cacheLoads: second % 7,
      queueDepth: (second * 41) % 60,
      persistLagP99: 20_000 + ((second * 67) % 9_000),
    })),
  });
};
