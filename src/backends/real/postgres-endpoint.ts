import { usageError } from '../../kernel/errors.ts';

/** A PostgreSQL server as it is connected to, and as it is named in messages: without its password. */
export interface PostgresEndpoint {
  readonly url: string;
  readonly label: string;
}

/** Reads a `postgres:` URL, and gives the words of `sslmode` the meaning that PostgreSQL's own clients give them. */
export const parsePostgresUrl = (text: string): PostgresEndpoint => {
  // Not the URL itself, nor the parser's error, which quotes it: it may hold a password.
  if (!URL.canParse(text) || !/^postgres(?:ql)?:\/\//.test(text)) {
    throw usageError(
      'the PostgreSQL URL cannot be read',
      'Write postgres://user:password@host:5432/database.',
    );
  }
  const url = new URL(text);
  const parameters = url.searchParams;
  if (parameters.get('sslmode') === 'verify-ca' && !parameters.has('sslrootcert')) {
    throw usageError(
      'the PostgreSQL URL says sslmode=verify-ca without sslrootcert',
      'Add sslrootcert=FILE, with the certificate of the authority, or write sslmode=verify-full.',
    );
  }
  if (parameters.has('sslmode') && !parameters.has('uselibpqcompat')) {
    parameters.set('uselibpqcompat', 'true');
  }
  return { url: url.href, label: url.host || parameters.get('host') || 'the default host' };
};
