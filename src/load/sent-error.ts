import { BackendError, type ServiceName } from '../backends/ports.ts';
import { messageOf, TradeSimError } from '../kernel/errors.ts';
import type { ExitCode } from '../kernel/exit-codes.ts';

/** An error on its way between threads. Cloning alone would lose its class, and with it the exit code it leads to. */
export type SentError = { readonly message: string; readonly stack: string | undefined } & (
  | { readonly kind: 'backend'; readonly service: ServiceName; readonly effect: BackendError['effect'] }
  | { readonly kind: 'trade-sim'; readonly exitCode: ExitCode; readonly hint: string | undefined }
  | { readonly kind: 'other' }
);

export const sendable = (thrown: unknown): SentError => {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  if (thrown instanceof BackendError) {
    const { service, effect } = thrown;
    // Its constructor puts the service in front.
    const message = thrown.message.slice(`${service}: `.length);
    return { kind: 'backend', service, effect, message, stack };
  }
  const message = messageOf(thrown);
  if (!(thrown instanceof TradeSimError)) return { kind: 'other', message, stack };
  return { kind: 'trade-sim', exitCode: thrown.exitCode, hint: thrown.hint, message, stack };
};

export const received = (sent: SentError): Error => {
  const error = rebuilt(sent);
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
};

const rebuilt = (sent: SentError): Error => {
  switch (sent.kind) {
    case 'backend':
      return new BackendError(sent.service, sent.effect, sent.message);
    case 'trade-sim':
      return new TradeSimError(sent.exitCode, sent.message, {
        ...(sent.hint !== undefined && { hint: sent.hint }),
      });
    case 'other':
      return new Error(sent.message);
  }
};
