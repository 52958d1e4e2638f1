// Which files make a certificate that can be shown, and what is said of those that make none.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { readCertificate } from '../../src/http/certificate.ts';
import { certificate, certificateKey, endedCertificate, nextKey } from '../support/certificate.ts';

test('a chain and its key are read, with the first end in the chain; what will not do is said of its file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-certificate-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [tlsCertFile, tlsKeyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const read = (cert: string | Buffer, key: string | Buffer) => {
    writeFileSync(tlsCertFile, cert);
    writeFileSync(tlsKeyFile, key);
    return readCertificate({ tlsCertFile, tlsKeyFile });
  };
  const refuses = (cert: string | Buffer, key: string | Buffer, message: RegExp) =>
    assert.throws(() => read(cert, key), { code: 'bad_settings', message });
  const alone = read(certificate, certificateKey);
  assert.deepEqual([alone.beginsAt, alone.endsAt], [Date.UTC(2020, 0), Date.UTC(2120, 0)]);
  assert.equal(
    read(`# a comment\n${certificate}\n${endedCertificate}`, certificateKey).endsAt,
    Date.UTC(2021, 0),
  );
  assert.equal(read(certificate, certificateKey).digest, alone.digest);
  assert.notEqual(read(`${certificate}\n`, certificateKey).digest, alone.digest);
  refuses(
    certificate,
    nextKey,
    /key\.pem holds another key than that of the first certificate in .*cert\.pem/,
  );
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  refuses(certificate, rsa.export({ type: 'pkcs8', format: 'pem' }), /holds another key/);
  refuses(certificateKey, certificateKey, /cert\.pem holds no certificate in PEM/);
  refuses(
    certificate.replace('MIIB', 'MIIC'),
    certificateKey,
    /cert\.pem holds a certificate that cannot be read/,
  );
  // As of a file that is being written just now.
  for (const end of [certificate.length / 2, 40, certificate.length - 5])
    refuses(
      `${certificate}\n${certificate.slice(0, end)}`,
      certificateKey,
      /cert\.pem cannot be shown: .+ cut off/,
    );
  refuses(certificate, certificate, /key\.pem holds no private key/);
  refuses(Buffer.alloc(1024 * 1024 + 1), certificateKey, /cert\.pem is too large/);
  read(certificate, certificateKey);
  assert.throws(() => readCertificate({ tlsCertFile, tlsKeyFile: join(folder, 'none') }), {
    code: 'bad_settings',
    message: /none cannot be read/,
  });
});
