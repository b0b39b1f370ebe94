/** What a process's exit code says. Documented in docs/exit-codes.md; the numbers are part of the public interface. */
export const ExitCode = {
  passed: 0,
  internalError: 1,
  usage: 2,
  serviceUnavailable: 3,
  invariantViolated: 4,
  thresholdFailed: 5,
  regression: 6,
  inconclusive: 7,
  interrupted: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
