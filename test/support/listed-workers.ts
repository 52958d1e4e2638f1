import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/sources.ts';
import { start } from '../../src/main.ts';
import { Agent, request } from 'undici';
import { certificate, certificateKey } from './certificate.ts';

interface ListedWorker {
  readonly name: string;
  readonly state: string;
}

/** Starts the service with all that it can do, and resolves to what it says that runs by itself, by name. */
export async function listWorkers(
  env: Readonly<Record<string, string>> = {},
): Promise<readonly ListedWorker[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-workers-'));
  const [tlsCertFile, tlsKeyFile] = [join(dataDir, 'cert.pem'), join(dataDir, 'key.pem')];
  writeFileSync(tlsCertFile, certificate);
  writeFileSync(tlsKeyFile, certificateKey);
  const whole = {
    DATA_DIR: dataDir,
    PORT: '0',
    TLS_CERT_FILE: tlsCertFile,
    TLS_KEY_FILE: tlsKeyFile,
    CHASQUI_LOG_LEVEL: 'silent',
    ROOT_ACCESS_KEY_ID: 'workers',
    ROOT_ACCESS_KEY_SECRET: 'secret-for-the-list',
    CHASQUI_SMS_GATEWAY_URL: 'https://sms.example/',
    ...(env['DATABASE_URL'] === undefined && {
      CHASQUI_BACKUP_EVERY: '1d',
      CHASQUI_BACKUP_TO: join(dataDir, 'backups'),
    }),
    ...env,
  };
  const running = await start(loadSettings({ options: {}, env: whole }).settings);
  const dispatcher = new Agent({ connect: { ca: certificate } });
  try {
    const authorization = `Basic ${Buffer.from('workers:secret-for-the-list').toString('base64')}`;
    const url = `${running.adminAddress}/api/v1/workers`;
    const answer = await request(url, { headers: { authorization }, dispatcher });
    const { items } = (await answer.body.json()) as { items: ListedWorker[] };
    return items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } finally {
    await dispatcher.close();
    await running.stop('test');
    rmSync(dataDir, { recursive: true, force: true });
  }
}
