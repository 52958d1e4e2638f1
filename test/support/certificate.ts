import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Of `localhost` and `127.0.0.1`, signed by itself, until 2120. It protects nothing. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFBaEXceOn7bx/fs
FKTO2A1Ho5aagxlOfBiavfhsgtW49K81r1A/ElSJD2Z703n7orubVYdN5AVFgl9n
j3oLbDajTjBMMBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBT+0FIwSIpgZlgMtikBXf/knPvVXTAKBggqhkjOPQQD
AgNIADBFAiEAosngiYoolc3kk9qtzlfiABtpWuthdR7UcrXcqAVnm7cCIBBz9wDT
MdcUi+GuWqcKjJYmzo4lBjYWKfFtXHYFSTkt
-----END CERTIFICATE-----
`;

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgktlujfPFo3+mK6Ed
dOumXdgU2fjOE7jjk0prtD2xTOGhRANCAARQWhF3Hjp+28f37BSkztgNR6OWmoMZ
TnwYmr34bILVuPSvNa9QPxJUiQ9me9N5+6K7m1WHTeQFRYJfZ496C2w2
-----END PRIVATE KEY-----
`;

/** Writes the certificate and its key to files that go with the test. */
export function writeCertificate(t: TestContext): {
  readonly tlsCertFile: string;
  readonly tlsKeyFile: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [tlsCertFile, tlsKeyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(tlsCertFile, certificate);
  writeFileSync(tlsKeyFile, key);
  return { tlsCertFile, tlsKeyFile };
}
