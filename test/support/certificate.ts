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

export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgktlujfPFo3+mK6Ed
dOumXdgU2fjOE7jjk0prtD2xTOGhRANCAARQWhF3Hjp+28f37BSkztgNR6OWmoMZ
TnwYmr34bILVuPSvNa9QPxJUiQ9me9N5+6K7m1WHTeQFRYJfZ496C2w2
-----END PRIVATE KEY-----
`;

/** Of the same names with another key, until 2121. */
export const nextCertificate = `-----BEGIN CERTIFICATE-----
MIIBYzCCAQmgAwIBAgIBAjAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJsb2NhbGhv
c3QsIHJlbmV3ZWQwIBcNMjEwMTAxMDAwMDAwWhgPMjEyMTAxMDEwMDAwMDBaMB0x
GzAZBgNVBAMMEmxvY2FsaG9zdCwgcmVuZXdlZDBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABJ6BD1bBxy/9MTH9eZEsmWJ0ZQlrY9QxwquCpjxnPZe17qJ9gpM7TQvc
suAF4LhgwylrgTg5P395jIFwbE5uSW6jODA2MCMGA1UdEQQcMBqHBH8AAAGCEmxv
Y2FsaG9zdCwgcmVuZXdlZDAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gA
MEUCIQCR288xPghQdjgYjHPCMmfxK5Q4JaK5B3tVQLqXzatorwIgA6lLxwltQS/m
hapLY46CO+j6qaxzc3H3yn/eSvI/QwE=
-----END CERTIFICATE-----
`;

/** Of that key as well; it has ended with 2020. */
export const endedCertificate = `-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBAzAKBggqhkjOPQQDAjAdMRswGQYDVQQDDBJsb2NhbGhv
c3QsIHJlbmV3ZWQwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAdMRsw
GQYDVQQDDBJsb2NhbGhvc3QsIHJlbmV3ZWQwWTATBgcqhkjOPQIBBggqhkjOPQMB
BwNCAASegQ9Wwccv/TEx/XmRLJlidGUJa2PUMcKrgqY8Zz2Xte6ifYKTO00L3LLg
BeC4YMMpa4E4OT9/eYyBcGxObkluozgwNjAjBgNVHREEHDAahwR/AAABghJsb2Nh
bGhvc3QsIHJlbmV3ZWQwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
AiEAxCsdCLuNm4cmSfotKbiwc7/oDuxKLSltE7qutwso4s0CID587w4xHuzMviNC
tND+xuxDHvgUEtRDzcmahRg47F/t
-----END CERTIFICATE-----
`;

export const nextKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQggYOL1GlE00AieAXo
Zo+IyVGD3lPyAzpwXTq4QRiEz/qhRANCAASegQ9Wwccv/TEx/XmRLJlidGUJa2PU
McKrgqY8Zz2Xte6ifYKTO00L3LLgBeC4YMMpa4E4OT9/eYyBcGxObklu
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
  writeFileSync(tlsKeyFile, certificateKey);
  return { tlsCertFile, tlsKeyFile };
}
