import { describe, expect, test } from 'vitest';
import { ExitCode } from '../../../../src/kernel/exit-codes.ts';
import { gateSchema } from '../../../../src/report/gate/model.ts';
import { resultFixture } from '../../../support/result-fixture.ts';
import { gateReport } from './report.ts';

const { audit } = resultFixture();

describe("a gate's verdict", () => {
  test.each([
    ['passed', ExitCode.passed, gateReport()],
    ['regression', ExitCode.regression, gateReport(0.5)],
    ['interrupted', ExitCode.interrupted, gateReport(0.5, { ended: { kind: 'interrupted' } })],
    [
      'violated',
      ExitCode.invariantViolated,
      gateReport(0.5, { ended: { kind: 'violated', reason: 'the base: no-oversell' }, unlike: ['cores'] }),
    ],
    [
      'service-lost',
      ExitCode.serviceUnavailable,
      gateReport(0, { ended: { kind: 'service-lost', reason: 'Redis' } }),
    ],
    ['inconclusive', ExitCode.inconclusive, gateReport(0, { ended: { kind: 'empty', reason: 'no orders' } })],
    ['informational', ExitCode.passed, gateReport(0.5, { unlike: ['cores: 2 here, 8 in the baseline'] })],
  ] as const)('%s is exit code %i', (verdict, exitCode, report) => {
    expect([report.verdict, report.exitCode]).toEqual([verdict, exitCode]);
    expect(report.reasons).not.toEqual([]);
    expect(gateSchema.parse(report)).toEqual(report);
  });

  test('says how much a regression is at the least, in the direction of the metric', () => {
    const { reasons } = gateReport(0.5);
    expect(reasons[0]).toMatch(
      /^orders answered\/s −3\d\.\d %: −3\d\.\d % at the least, −5\.0 % is tolerated$/,
    );
    expect(reasons[1]).toMatch(
      /^order latency p50 \+\d\d\.\d %: \+\d\d\.\d % at the least, \+5\.0 % is tolerated$/,
    );
  });
});

test('an interval has its lower end first, whichever direction is worse', () => {
  for (const { low, high, change } of gateReport(0.5).metrics) {
    expect(low).toBeLessThanOrEqual(change);
    expect(high).toBeGreaterThanOrEqual(change);
  }
});

test('an invariant is as good as in its worst round', () => {
  const worse = audit.map((found, index) =>
    index === 1 ? { ...found, verdict: 'unknown' as const } : found,
  );
  const { invariants, verdict, reasons } = gateReport(0, { audits: [audit, worse, audit] });
  // What could not be judged is never a pass.
  expect([verdict, reasons]).toEqual(['inconclusive', [expect.stringContaining('could not be judged')]]);
  expect(invariants.map((found) => found.verdict)).toEqual(
    audit.map((_, index) => (index === 1 ? 'unknown' : 'held')),
  );
});
