import type { ServiceName } from '../backends/ports.ts';
import { messageOf, serviceError, type TradeSimError } from '../kernel/errors.ts';
import { formatDuration } from '../kernel/units.ts';
import { redact } from './service-url.ts';
import { SERVICE_LABELS } from './types.ts';

export class ProbeTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

interface ProbeTarget {
  readonly service: ServiceName;
  readonly url: string;
  readonly where: string;
  readonly deadlineMs: number;
}

interface Symptom {
  /** Matched against the code and the message of what the client library threw. */
  readonly pattern: RegExp;
  readonly complaint: (target: ProbeTarget) => string;
  readonly hint: string;
}

/** TLS comes first: its codes are exact, while the words of a certificate may be anything. */
const SYMPTOMS: readonly Symptom[] = [
  {
    // The names of OpenSSL's X509_V_ERR_… without that prefix.
    pattern: /SELF_SIGNED_CERT|UNABLE_TO_(?:VERIFY|GET_ISSUER)/,
    complaint: () => 'has a certificate from an authority that is not trusted here',
    hint: "Give the authority's certificate, a PEM file, in the environment: NODE_EXTRA_CA_CERTS=authority.pem",
  },
  {
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID/,
    complaint: () => 'has a certificate for another host',
    hint: 'Write the host in its URL as the certificate names it.',
  },
  {
    pattern: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    complaint: () => 'has a certificate that is not valid today',
    hint: "Renew the server's certificate, or correct the clock.",
  },
  {
    pattern: /certificate.required|valid client certificate/i,
    complaint: () => 'asks for a certificate of the client',
    hint: 'For PostgreSQL, add sslcert and sslkey to its URL; Redis and RabbitMQ must not ask (tls-auth-clients no).',
  },
  {
    pattern: /wrong version number|does not support SSL|establishing an SSL connection/i,
    complaint: () => 'does not speak TLS there',
    hint: 'Give the port for TLS; or, without TLS, write redis://, amqp://, or for PostgreSQL sslmode=disable.',
  },
  {
    pattern: /no pg_hba\.conf entry .*no encryption/,
    complaint: () => 'lets nobody in without TLS who comes as this user, from here, to this database',
    hint: 'Add ?sslmode=verify-full to its URL, or a line to its pg_hba.conf.',
  },
  {
    // 28P01 and 28000: invalid_password and invalid_authorization_specification of PostgreSQL.
    pattern: /WRONGPASS|NOAUTH|ACCESS.REFUSED|28P01|28000|SCRAM|password/i,
    complaint: () => 'refused the user or the password',
    hint: 'Check the user and the password in its URL; special characters must be percent-encoded.',
  },
  {
    pattern: /ECONNREFUSED/,
    complaint: () => 'refused the connection: nothing listens there',
    hint: 'Start the server, correct its URL, or leave the URL out to have private services started.',
  },
  {
    pattern: /ETIMEDOUT|timeout|timed out/i,
    complaint: ({ deadlineMs }) => `did not answer within ${formatDuration(deadlineMs)}`,
    hint: 'Check the host, the port, the protocol and what filters the network between.',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    complaint: () => 'has a host name that cannot be resolved',
    hint: 'Check the host in its URL.',
  },
  {
    pattern: /ConnectionOpenOk|3D000/,
    complaint: ({ service }) =>
      service === 'rabbitmq' ? 'does not grant its virtual host' : 'has no such database',
    hint: "Create what the URL's path names, or correct the path.",
  },
  {
    pattern: /ECONNRESET|EPIPE|Socket closed abruptly/,
    complaint: () => 'closed the connection at once',
    hint: 'A port for TLS wants rediss:// or amqps://, and a server must not ask for a certificate of the client.',
  },
];

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';

/**
 * One clear service error for what a client library threw. The thrown error is not kept as the cause: ioredis
 * puts the command, AUTH with its password, into its errors.
 */
export const probeFailure = (target: ProbeTarget, thrown: unknown): TradeSimError => {
  const detail = redact(messageOf(thrown), target.url);
  const symptom = SYMPTOMS.find(({ pattern }) => pattern.test(`${codeOf(thrown)} ${detail}`));
  const subject = `${SERVICE_LABELS[target.service]} at ${target.where}`;
  if (symptom === undefined) return serviceError(`${subject} could not be used: ${detail}`);
  return serviceError(`${subject} ${symptom.complaint(target)}`, symptom.hint);
};
