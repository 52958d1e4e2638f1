// A certificate that is renewed while the service runs, as a client of TLS sees it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import {
  certificate,
  certificateKey,
  endedCertificate,
  nextCertificate,
  nextKey,
} from '../support/certificate.ts';
import { callCommand } from '../support/operator-commands.ts';
import { findFreePort, startService, waitUntil } from '../support/service.ts';

const ca = [certificate, nextCertificate];

/** A connection that has shaken hands, and the number of the certificate that it was shown. */
async function dial(port: number): Promise<{ readonly socket: TLSSocket; readonly serial: string }> {
  const socket = connect({ port, host: '127.0.0.1', ca });
  await once(socket, 'secureConnect');
  return { socket, serial: socket.getPeerCertificate().serialNumber };
}

test('a pair that does not belong together ends the start in words, with nothing made', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-renewal-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [tlsCertFile, tlsKeyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(tlsCertFile, certificate);
  writeFileSync(tlsKeyFile, nextKey);
  const dataDir = join(folder, 'data');
  const env = { DATA_DIR: dataDir, TLS_CERT_FILE: tlsCertFile, TLS_KEY_FILE: tlsKeyFile };
  const { code, stderr } = await callCommand(['start'], env);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /key\.pem holds another key than that of the first certificate in .*cert\.pem\.$/m);
  assert.ok(!existsSync(dataDir));
});

test('a renewed certificate is shown to who connects, others go on, and a bad one changes nothing', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-renewal-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const [tlsCertFile, tlsKeyFile] = [join(dataDir, 'cert.pem'), join(dataDir, 'key.pem')];
  const write = (cert: string, key: string) => {
    for (const [file, text] of [
      [tlsCertFile, cert],
      [tlsKeyFile, key],
    ] as const) {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    }
  };
  write(certificate, certificateKey);
  const dispatcher = new Agent({ connect: { ca } });
  t.after(() => dispatcher.close());
  const [port, adminPort] = [await findFreePort(), await findFreePort()];
  const service = await startService({
    dataDir,
    port,
    readyPort: adminPort,
    dispatcher,
    env: {
      TLS_CERT_FILE: tlsCertFile,
      TLS_KEY_FILE: tlsKeyFile,
      ADMIN_PORT: String(adminPort),
      CHASQUI_LOG_LEVEL: 'info',
    },
  });
  t.after(() => service.kill());
  const serials = async (): Promise<readonly string[]> => {
    const dialled = await Promise.all([port, adminPort].map(dial));
    for (const { socket } of dialled) socket.destroy();
    return dialled.map(({ serial }) => serial);
  };
  const says = (event: string, what: string): Promise<void> =>
    waitUntil(`the log says ${event} ${what}`, 60_000, () =>
      service
        .output()
        .split('\n')
        .some((line) => line.includes(event) && line.includes(what)),
    );
  await says('certificate.used', '2120-01-01');
  assert.deepEqual(await serials(), ['01', '01']);
  const { socket: held } = await dial(port);
  t.after(() => held.destroy());

  write(nextCertificate, nextKey);
  service.process.kill('SIGHUP');
  await says('certificate.used', '2121-01-01');
  assert.deepEqual(await serials(), ['02', '02']);
  held.write('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = (await once(held, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 404/);

  for (const [cert, said] of [
    [certificate, 'holds another key than'],
    ['nothing', 'holds no certificate in PEM'],
    [endedCertificate, 'has ended at 2021-01-01'],
  ] as const) {
    write(cert, nextKey);
    service.process.kill('SIGHUP');
    await says('certificate.refused', said);
    assert.deepEqual(await serials(), ['02', '02']);
  }
  await waitUntil('a notice tells it', 60_000, () => service.output().includes('certificate_refused'));
  assert.match(service.output(), new RegExp(`Chasqui is listening on https://127\\.0\\.0\\.1:${port}`));
  const metrics = await request(`https://127.0.0.1:${adminPort}/metrics`, { dispatcher });
  assert.match(
    await metrics.body.text(),
    new RegExp(`^chasqui_certificate_end_timestamp_seconds ${Date.UTC(2121, 0) / 1000}$`, 'm'),
  );
  assert.doesNotMatch(service.output(), /PRIVATE KEY/);
  assert.equal(await service.stop(), 0);
});
