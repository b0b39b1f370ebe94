import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of PEM files. */
export interface Certificates {
  /** Of the authority: who trusts it trusts the server. */
  readonly authority: string;
  /** Of a server, for the host name that it was made for. */
  readonly certificate: string;
  readonly key: string;
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes an authority, which nobody knows, and has it certify a server of the name `host`. Both last a day. */
export const makeCertificates = (folder: string, host: string): Certificates => {
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const [authority, authorityKey] = [path('authority.pem'), path('authority.key')];
  const [certificate, key, request, names] = ['server.pem', 'server.key', 'server.csr', 'names'].map(path);
  writeFileSync(names!, `subjectAltName = DNS:${host}\n`);
  const subject = ['-subj', '/CN=trade-sim test authority'];
  openssl('req', '-x509', ...NEW_KEY, '-keyout', authorityKey, '-out', authority, '-days', '1', ...subject);
  openssl('req', '-new', ...NEW_KEY, '-keyout', key!, '-out', request!, '-subj', `/CN=${host}`);
  const issuer = ['-CA', authority, '-CAkey', authorityKey, '-CAcreateserial'];
  openssl('x509', '-req', '-in', request!, ...issuer, '-extfile', names!, '-out', certificate!, '-days', '1');
  return { authority, certificate: certificate!, key: key! };
};
