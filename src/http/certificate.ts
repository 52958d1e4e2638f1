// The certificate of a listener with TLS, and what of its files will not do.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { GatewayError } from '../domain/errors.ts';

interface CertificateFiles {
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
}

/** A chain and its key, which belong together. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** From when on all of the chain holds, in epoch milliseconds. */
  readonly beginsAt: number;
  /** When the first of the chain ends, in epoch milliseconds. */
  readonly endsAt: number;
  /** Tells it from another. */
  readonly digest: string;
}

/** A long chain takes some 10 KB. */
const maxFileBytes = 1024 * 1024;

/** Reads a chain and its key. Throws `bad_settings`, which says what is wrong with which file. */
export function readCertificate({ tlsCertFile, tlsKeyFile }: CertificateFiles): Certificate {
  const [cert, key] = [readFile(tlsCertFile), readFile(tlsKeyFile)];
  const chain = readChain(tlsCertFile, cert);
  if (chain[0]?.checkPrivateKey(readKey(tlsKeyFile, key)) !== true)
    throw unfit(tlsKeyFile, `holds another key than that of the first certificate in ${tlsCertFile}`);
  requireShown(tlsCertFile, cert, key);
  return {
    cert,
    key,
    beginsAt: Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime())),
    endsAt: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())),
    digest: createHash('sha256').update(cert).update('\n').update(key).digest('base64url'),
  };
}

function readFile(path: string): Buffer {
  try {
    if (statSync(path).size <= maxFileBytes) return readFileSync(path);
  } catch (cause) {
    throw unfit(path, 'cannot be read', cause);
  }
  throw unfit(path, 'is too large for a certificate or a key');
}

function readChain(path: string, pem: Buffer): readonly X509Certificate[] {
  const blocks = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
  const found = pem.toString('latin1').match(blocks) ?? [];
  if (found.length === 0) throw unfit(path, 'holds no certificate in PEM');
  try {
    return found.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw unfit(path, 'holds a certificate that cannot be read', cause);
  }
}

/** What is left when each part is right: a chain of which the end is not written yet, or a key that OpenSSL takes for too weak. */
function requireShown(path: string, cert: Buffer, key: Buffer): void {
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw unfit(path, 'cannot be shown: a part of it is cut off or not in PEM, or it is too weak', cause);
  }
}

function readKey(path: string, pem: Buffer): ReturnType<typeof createPrivateKey> {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw unfit(path, 'holds no private key in PEM, or one that takes a passphrase', cause);
  }
}

function unfit(path: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('bad_settings', `${path} ${what}.`, { cause });
}
