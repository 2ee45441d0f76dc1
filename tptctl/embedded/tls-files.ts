import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { readFileIfExists, writeFileAtomically } from './json-file.js';
import { makeDir } from './make-dir.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** A private certificate authority and the certificate it gave the servers of one machine. */
export interface TlsFiles {
  readonly caFile: string;
  /** PEM. */
  readonly ca: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * The TLS files in `dir`, for localhost, 127.0.0.1 and ::1. What is missing, unreadable or expires
 * within 30 days is made anew: the CA for ten years, the certificate for one. Keys have mode 0600.
 */
export async function ensureTlsFiles(dir: string, now = new Date()): Promise<TlsFiles> {
  const files = {
    caFile: join(dir, 'ca.crt'),
    caKeyFile: join(dir, 'ca.key'),
    certFile: join(dir, 'server.crt'),
    keyFile: join(dir, 'server.key'),
  };
  const ca = usable(files.caFile, now);
  const caKey = readFileIfExists(files.caKeyFile);
  const certificate = usable(files.certFile, now);
  if (
    ca !== undefined &&
    certificate !== undefined &&
    readFileIfExists(files.keyFile) !== undefined &&
    certificate.verify(ca.publicKey)
  ) {
    return { ...files, ca: ca.toString() };
  }
  makeDir(dir, 0o700);
  const { issueCa, issueServerCertificate } = await import('./certificate-authority.js');
  const authority =
    ca !== undefined && caKey !== undefined
      ? { certificate: ca.toString(), key: caKey }
      : await issueCa(now);
  const issued = await issueServerCertificate(authority, now);
  writeFileAtomically(files.caKeyFile, authority.key);
  writeFileAtomically(files.caFile, authority.certificate);
  writeFileAtomically(files.keyFile, issued.key);
  writeFileAtomically(files.certFile, issued.certificate);
  return { ...files, ca: authority.certificate };
}

/** The certificate in the file, unless there is none or it has less than 30 days left. */
function usable(file: string, now: Date): X509Certificate | undefined {
  const pem = readFileIfExists(file);
  if (pem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const expires = Date.parse(certificate.validTo);
    return expires - now.getTime() > RENEW_BEFORE_MS ? certificate : undefined;
  } catch {
    return undefined;
  }
}
