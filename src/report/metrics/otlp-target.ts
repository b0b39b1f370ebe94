import { usageError } from '../../kernel/errors.ts';
import { isLoopback } from '../../services/service-url.ts';

/** A collector of OpenTelemetry that metrics are pushed to. */
export interface OtlpTarget {
  /** Without user and password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Safe to print. */
  readonly where: string;
}

const EXAMPLE = 'Write it as http://127.0.0.1:4318.';
/** Of OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
const METRICS_PATH = '/v1/metrics';

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * Reads the URL of a collector; without a path, it is the usual one. Throws a usage error that does not repeat the
 * URL, and one for a host that is not this machine: nothing is sent away unasked.
 */
export const otlpTargetOf = (url: string, allowRemote: boolean): OtlpTarget => {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol))
    throw usageError('the OTLP URL is not an http: or https: URL', EXAMPLE);
  const { username, password, hostname, host } = parsed;
  if (username !== '' && password === '')
    throw usageError(
      'the OTLP URL has a user without a password',
      'Write user:password@, or give a token in the variable OTEL_EXPORTER_OTLP_HEADERS.',
    );
  if (!isLoopback(hostname) && !allowRemote)
    throw usageError(
      `the OTLP collector at ${host} is not on this machine`,
      'If the figures may go there, add --allow-remote.',
    );
  parsed.username = '';
  parsed.password = '';
  if (parsed.pathname === '/') parsed.pathname = METRICS_PATH;
  const credentials = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return {
    url: parsed.href,
    headers: username === '' && password === '' ? {} : { authorization: `Basic ${credentials}` },
    where: host,
  };
};
