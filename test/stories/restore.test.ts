// Backups that a service makes by itself, and what is restored from them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import Client from '@alicloud/mns';
import { request } from 'undici';
import { openBucketServer } from '../support/bucket-server.ts';
import { CompanyBrowser } from '../support/company-browser.ts';
import { callCommand } from '../support/operator-commands.ts';
import { openReceiver } from '../support/receiver.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`;
const authorization = `Basic ${Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64')}`;
const hold = fileURLToPath(new URL('../support/held-threads.ts', import.meta.url));

interface Bed {
  readonly dataDir: string;
  readonly to: string;
  readonly base: string;
  /** Starts a service on the data folder; it is killed at the end of the test. */
  readonly start: (options?: Omit<Parameters<typeof startService>[0], 'dataDir'>) => Promise<Service>;
  /** The backups in the folder, oldest first. */
  readonly list: () => readonly string[];
}

function openBed(t: TestContext): Bed {
  const base = mkdtempSync(join(tmpdir(), 'chasqui-backups-'));
  const services: Service[] = [];
  t.after(async () => {
    for (const service of services) await service.kill();
    rmSync(base, { recursive: true, force: true });
  });
  const [dataDir, to] = [join(base, 'data'), join(base, 'kept')];
  return {
    base,
    dataDir,
    to,
    start: async (options) => {
      const service = await startService({ dataDir, ...options });
      services.push(service);
      return service;
    },
    list: () =>
      existsSync(to)
        ? readdirSync(to)
            .filter((name) => /^chasqui-[0-9a-f]{8}-\d{8}T\d{6}Z$/.test(name))
            .toSorted()
        : [],
  };
}

const everyHour = ({ to }: Pick<Bed, 'to'>, keep = '7') => ({
  CHASQUI_BACKUP_EVERY: '1h',
  CHASQUI_BACKUP_TO: to,
  CHASQUI_BACKUP_KEEP: keep,
});

async function call(url: string, method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown) {
  const answer = await request(`${url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  assert.ok(answer.statusCode < 300, text);
  return text === '' ? {} : (JSON.parse(text) as Answer);
}

interface Answer {
  readonly backup?: { readonly at: string | null; readonly isOverdue: boolean };
  readonly items?: readonly { readonly state: string }[];
  readonly receiptId?: string;
  readonly media?: { readonly state: string } | null;
}

/** A vendor that takes messages once it is open, and wants them a second later until then. */
async function openVendor(t: TestContext) {
  let isOpen = false;
  let [refused, taken] = [0, 0];
  const vendor = await openReceiver((_, response) => {
    if (!isOpen) {
      refused += 1;
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
      response.end('{"error":{"message":"Too much","code":130429}}');
      return;
    }
    taken += 1;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ messages: [{ id: `wamid.${taken}` }] }));
  });
  t.after(() => vendor.close());
  return { url: vendor.url, open: () => (isOpen = true), refused: () => refused, taken: () => taken };
}

/** So many users write, and one sends a picture, which is kept by then. */
async function play({ url }: Service, count = 5): Promise<void> {
  await call(url, 'PUT', '/api/v1/channels/sandbox/senders/15550100001/webhook', {
    http: false,
    queue: true,
  });
  const receiptIds: unknown[] = [];
  for (let n = 0; n < count; n += 1) {
    const { receiptId } = await call(url, 'POST', '/sandbox/15550100001/inbound', {
      from: `1555000${3000 + n}`,
      ...(n === 0 ? { type: 'image' } : { type: 'text', text: `Hello ${n}` }),
    });
    receiptIds.push(receiptId);
  }
  await waitUntil('the picture is kept', 60_000, async () => {
    const { media } = await call(url, 'GET', `/api/v1/receipts/${String(receiptIds[0])}`);
    return media?.state === 'stored';
  });
}

interface Pulled {
  readonly ReceiptId: string;
  readonly Message: string;
}

/** Pulls what is in the queue by the official SDK and deletes it. */
async function pull({ url }: Service): Promise<readonly Pulled[]> {
  const client = new Client(rootAccount.accountId, {
    endpoint: url,
    accessKeyId: rootAccount.keyId,
    accessKeySecret: rootAccount.keySecret,
  });
  const pulled: Pulled[] = [];
  for (;;) {
    // A second is the shortest that the SDK takes.
    const answer = await client.batchReceiveMessage(queue, 16, 1).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'MNSMessageNotExistError') return { body: [] };
      throw error;
    });
    const { body } = answer as { body: readonly { MessageBody: string; ReceiptHandle: string }[] };
    if (body.length === 0) return pulled;
    for (const { MessageBody, ReceiptHandle } of body) {
      pulled.push(JSON.parse(Buffer.from(MessageBody, 'base64').toString()) as Pulled);
      await client.deleteMessage(queue, ReceiptHandle);
    }
  }
}

const toIds = (pulled: readonly Pulled[]): readonly string[] =>
  pulled.map(({ ReceiptId }) => ReceiptId).toSorted();

async function readPicture({ url }: Service, pulled: readonly Pulled[]): Promise<Buffer> {
  const [link = ''] = pulled.flatMap(({ Message }) => /"url":"([^"]+)"/.exec(Message)?.slice(1) ?? []);
  const { pathname, search } = new URL(link);
  const answer = await request(`${url}${pathname}${search}`);
  assert.equal(answer.statusCode, 200);
  return Buffer.from(await answer.body.arrayBuffer());
}

const restore = (backup: string, dataDir: string, ...flags: readonly string[]) =>
  callCommand(['restore', backup, ...flags, '--data-dir', dataDir]);

it('a backup that was made by itself is restored into an empty folder, and the SDK pulls the same receipts', async (t) => {
  const bed = openBed(t);
  const before = await bed.start();
  await play(before);
  assert.equal(await before.stop(), 0);
  const service = await bed.start({ env: everyHour(bed) });
  // It is there a little earlier than it is told of.
  let metrics = '';
  await waitUntil('there is a backup', 60_000, async () => {
    metrics = await (await request(`${service.url}/metrics`)).body.text();
    return /^chasqui_backups_total\{outcome="made"\} 1$/m.test(metrics);
  });
  assert.match(metrics, /^chasqui_backup_bytes [1-9]\d+$/m);
  const { backup } = await call(service.url, 'GET', '/health/ready');
  assert.equal(backup?.isOverdue, false);
  assert.equal(bed.list().length, 1);
  const [name = ''] = bed.list();
  const kept = join(bed.to, name);
  assert.deepEqual(readdirSync(kept).toSorted(), ['backup.json', 'chasqui.sqlite', 'media']);
  assert.equal(statSync(kept).mode & 0o777, 0o700);

  const pulled = await pull(service);
  const picture = await readPicture(service, pulled);
  assert.equal(pulled.length, 5);
  // What comes now is lost with the disk.
  await play(service, 2);
  await service.kill();
  const key = readFileSync(join(bed.dataDir, 'master.key'));
  rmSync(bed.dataDir, { recursive: true });

  const keyless = await restore(kept, bed.dataDir, '--yes');
  assert.deepEqual([keyless.code, existsSync(bed.dataDir)], [1, false], keyless.stderr);
  assert.match(keyless.stderr, /does not hold the master key. Put it back as .*master\.key/);
  mkdirSync(bed.dataDir, { mode: 0o700 });
  writeFileSync(join(bed.dataDir, 'master.key'), key, { mode: 0o600 });
  const restored = await restore(kept, bed.dataDir, '--yes');
  assert.equal(restored.code, 0, restored.stderr);
  assert.deepEqual(readdirSync(bed.dataDir).toSorted(), ['chasqui.sqlite', 'master.key', 'media']);

  const again = await bed.start({ env: everyHour(bed) });
  const repeated = await pull(again);
  assert.deepEqual(toIds(repeated), toIds(pulled));
  assert.deepEqual(await readPicture(again, repeated), picture);
  // The newest that is kept is of a moment ago, so none is made at this start.
  await waitUntil('the kept ones were looked at', 60_000, async () => {
    const { backup: newest } = await call(again.url, 'GET', '/health/ready');
    return newest?.at === backup?.at && newest?.at !== undefined;
  });
  assert.deepEqual(bed.list(), [name]);
});

it('a backup in a bucket holds the store, is restored from there, and the oldest goes', async (t) => {
  const bed = openBed(t);
  const server = await openBucketServer();
  t.after(() => server.close());
  const bucket = {
    S3_BUCKET: 'media',
    S3_ENDPOINT: server.url,
    S3_REGION: server.region,
    S3_ACCESS_KEY_ID: server.keyId,
    S3_SECRET_ACCESS_KEY: server.keySecret,
  };
  const env = { ...bucket, ...everyHour({ to: 's3://backups/shop' }, '1') };
  const find = () =>
    [...server.objects.keys()]
      .map((key) => /^\/backups\/(shop\/chasqui-[^/]+)\/backup\.json$/.exec(key)?.[1])
      .filter((key) => key !== undefined);
  const before = await bed.start({ env: bucket });
  await play(before);
  assert.equal(await before.stop(), 0);
  const service = await bed.start({ env });
  await waitUntil('there is a backup', 60_000, () => find().length === 1);
  const pulled = await pull(service);
  const picture = await readPicture(service, pulled);
  assert.equal(await service.stop(), 0);
  assert.deepEqual(
    readdirSync(bed.dataDir).filter((name) => name.includes('partial')),
    [],
  );

  const [key = ''] = find();
  const asked = await callCommand(['restore', 's3://backups/shop', '--data-dir', bed.dataDir], bucket);
  assert.match(asked.stderr, /is no backup.*In it are, the newest last: chasqui-/);
  const restored = await callCommand(
    ['restore', `s3://backups/${key}`, '--replace', '--yes', '--json', '--data-dir', bed.dataDir],
    bucket,
  );
  assert.equal(restored.code, 0, restored.stderr);
  const { aside } = JSON.parse(restored.stdout) as { aside: string };
  assert.ok(existsSync(join(bed.dataDir, aside, 'chasqui.sqlite')));
  const again = await bed.start({ env });
  const repeated = await pull(again);
  assert.deepEqual(toIds(repeated), toIds(pulled));
  assert.deepEqual(await readPicture(again, repeated), picture);
});

it('a service that is killed while it writes a backup leaves none, and the next start takes the rest away', async (t) => {
  const bed = openBed(t);
  const held = join(bed.base, 'go');
  const service = await bed.start({
    env: { ...everyHour(bed), HOLD_UNTIL: held },
    nodeArgs: ['--import', hold],
  });
  await waitUntil('a store is written', 60_000, () => {
    const [name = ''] = existsSync(bed.to) ? readdirSync(bed.to) : [];
    return name.endsWith('.partial') && existsSync(join(bed.to, name, 'chasqui.sqlite'));
  });
  assert.deepEqual(bed.list(), []);
  const [left = ''] = readdirSync(bed.to);
  await service.kill();
  const refused = await restore(join(bed.to, left), join(bed.base, 'other'), '--yes');
  assert.match(refused.stderr, /is no backup/);
  await bed.start({ env: everyHour(bed) });
  await waitUntil(
    'there is a backup and nothing else',
    60_000,
    () => bed.list().length === 1 && readdirSync(bed.to).length === 1,
  );
});

describe('a restore', () => {
  it('is refused with a service at work, over a store unless told, and by a backup that is not whole', async (t) => {
    const bed = openBed(t);
    const service = await bed.start();
    await play(service);
    const backup = join(bed.base, 'backup');
    const made = await callCommand(['backup', backup, '--data-dir', bed.dataDir]);
    assert.equal(made.code, 0, made.stderr);
    const refuse = async (from: string, into: string, expected: RegExp, ...flags: readonly string[]) => {
      const { code, stderr } = await restore(from, into, '--yes', ...flags);
      assert.equal(code, 1);
      assert.match(stderr, expected);
    };
    await refuse(backup, bed.dataDir, /A service runs on .*Stop it first/, '--replace');
    await service.kill();
    await refuse(backup, bed.dataDir, /holds chasqui\.sqlite.*--replace/);
    const was = readdirSync(bed.dataDir).toSorted();

    const dry = await restore(backup, bed.dataDir, '--replace', '--dry-run');
    assert.deepEqual([dry.code, dry.stderr], [0, '']);
    assert.match(
      dry.stdout,
      /It is whole and fits\. This would put into .*What is there is kept as replaced-/,
    );
    const unasked = await restore(backup, bed.dataDir, '--replace');
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /What came after .* is not in it\..*Nothing was done.*--yes/);

    const toOther = join(bed.base, 'other');
    mkdirSync(toOther, { mode: 0o700 });
    writeFileSync(join(toOther, 'master.key'), '5c'.repeat(32));
    await refuse(backup, toOther, /master key does not fit/);
    copyFileSync(join(bed.dataDir, 'master.key'), join(toOther, 'master.key'));

    const file = join(backup, 'chasqui.sqlite');
    const whole = readFileSync(file);
    const turned = Buffer.from(whole);
    turned.writeUInt8(turned.readUInt8(5000) ^ 1, 5000);
    writeFileSync(file, turned);
    await refuse(backup, toOther, /is damaged, and nothing was changed/);
    writeFileSync(file, whole);
    renameSync(join(backup, 'media'), join(backup, 'elsewhere'));
    await refuse(backup, toOther, /is damaged.*0 media files of 0 bytes for 1 of/);
    renameSync(join(backup, 'elsewhere'), join(backup, 'media'));
    writeFileSync(file, '');
    await refuse(backup, toOther, /is damaged, and nothing was changed|is no store/);
    writeFileSync(file, whole);
    assert.deepEqual(readdirSync(toOther), ['master.key']);
    assert.equal((await restore(backup, toOther, '--yes')).code, 0);

    rewrite(backup, (db) => db.exec('PRAGMA user_version = 999'));
    await refuse(backup, bed.dataDir, /has schema 999; this version of Chasqui knows up to/, '--replace');
    assert.deepEqual(readdirSync(bed.dataDir).toSorted(), was);
  });

  it('sends no message again that waited in the backup, as it may have been sent since, unless it is told to', async (t) => {
    const bed = openBed(t);
    const vendor = await openVendor(t);
    const env = { CHASQUI_GRAPH_URL: vendor.url, CHASQUI_SEND_UNKNOWN_SECONDS: '1' };
    const service = await bed.start({ env });
    const credentials = { appSecret: '0123456789abcdef', verifyToken: 'v', accessToken: 'token' };
    await call(service.url, 'PUT', '/api/v1/channels/wa', { type: 'whatsapp', wabaId: '501', credentials });
    await call(service.url, 'PUT', '/api/v1/channels/wa/senders/15550001111', { phoneNumberId: '7001' });
    // The second waits behind the first.
    for (const to of ['15550002222', '15550002222', '15550003333'])
      await call(service.url, 'POST', '/api/v1/messages', {
        ...{ channelId: 'wa', senderId: '15550001111', to, type: 'text', text: 'Your code is 1234' },
      });
    await waitUntil('the channel has refused one', 60_000, () => vendor.refused() > 0);
    const backup = join(bed.base, 'backup');
    assert.equal((await callCommand(['backup', backup, '--data-dir', bed.dataDir])).code, 0);
    vendor.open();
    await waitUntil('the channel has taken all', 60_000, () => vendor.taken() === 3);
    await service.kill();

    const restored = await restore(backup, bed.dataDir, '--replace', '--yes');
    assert.match(restored.stdout, /waited to be sent then, and may have been since: 3\./);
    assert.ok(!readdirSync(bed.dataDir).some((name) => /-(wal|shm)$/.test(name)));
    const again = await bed.start({ env });
    await waitUntil('all have ended', 60_000, async () => {
      const { items } = await call(again.url, 'GET', '/api/v1/messages?direction=mt');
      return items?.length === 3 && items.every(({ state }) => state === 'failed');
    });
    assert.equal(vendor.taken(), 3);
    await again.kill();

    const told = await restore(backup, bed.dataDir, '--replace', '--yes', '--resend', '--json');
    const { waiting, resends } = JSON.parse(told.stdout) as { waiting: number; resends: boolean };
    assert.deepEqual([waiting, resends], [3, true]);
    await bed.start({ env });
    await waitUntil('the channel has taken all again', 60_000, () => vendor.taken() === 6);
  });

  it('lets nobody in by a link or a session of before, and tells which keys and people are there again', async (t) => {
    const bed = openBed(t);
    const service = await bed.start();
    const make = async () =>
      (await call(service.url, 'POST', '/api/v1/portal-links', { name: 'Shop', senders: null })) as {
        id: string;
        token: string;
      };
    const revoked = await make();
    const goodThen = await make();
    const { keyId, keySecret } = rootAccount;
    const browser = new CompanyBrowser(service);
    const setUp = { keyId, keySecret, name: 'ana', password: 'correct horse battery' };
    assert.equal((await browser.call('POST', '/api/v1/session/setup', setUp)).status, 201);
    const password = 'correct horse battery';
    await call(service.url, 'POST', '/api/v1/users', { name: 'bo', role: 'owner', password });
    const backup = join(bed.base, 'backup');
    assert.equal((await callCommand(['backup', backup, '--data-dir', bed.dataDir])).code, 0);
    await call(service.url, 'POST', `/api/v1/portal-links/${revoked.id}/revoke`, {});
    const later = await make();
    assert.equal((await browser.call('DELETE', '/api/v1/session/all')).status, 204);
    const other = new CompanyBrowser(service);
    await other.call('POST', '/api/v1/session', { name: 'bo', password });
    await service.kill();

    const dry = await restore(backup, bed.dataDir, '--replace', '--dry-run');
    assert.match(dry.stdout, /ends with this: sessions: 1, portal links: 2\./);
    const { stdout } = await restore(backup, bed.dataDir, '--replace', '--yes');
    assert.match(stdout, /ends with this: sessions: 1, portal links: 2\./);
    const account = rootAccount.accountId;
    assert.match(stdout, new RegExp(`access keys that work: 1 \\(${account}/${keyId}\\)`));
    assert.match(stdout, new RegExp(`people who may sign in.*: 2 \\(${account}/bo, ${account}/ana\\)`));
    const again = await bed.start();
    for (const { token } of [revoked, goodThen, later]) {
      const held = await request(`${again.url}/api/v1/portal`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(held.statusCode, 401);
      assert.match(await held.body.text(), /This link is over, or was revoked\. Ask for another one\./);
    }
    for (const { jar } of [browser, other]) {
      const late = new CompanyBrowser(again);
      for (const [name, value] of jar) late.jar.set(name, value);
      assert.equal((await late.session())['state'], 'signed_out');
    }
    const { items } = (await call(again.url, 'GET', '/api/v1/portal-links')) as unknown as {
      items: { id: string; revokedAt: string | null }[];
    };
    assert.deepEqual(
      items.map(({ id, revokedAt }) => [id, revokedAt !== null]).toSorted(),
      [revoked, goodThen].map(({ id }) => [id, true]).toSorted(),
    );
    const changes = (await call(
      again.url,
      'GET',
      `/api/v1/changes?subject=portal-link/${goodThen.id}`,
    )) as unknown as { items: { action: string; actor: string }[] };
    assert.deepEqual(
      changes.items.map(({ action, actor }) => `${actor} ${action}`),
      ['system/chasqui portal_link.revoked', `key/${keyId} portal_link.created`],
    );
  });

  it('gives no id again that was given before it', async (t) => {
    const bed = openBed(t);
    const service = await bed.start();
    await play(service, 2);
    const backup = join(bed.base, 'backup');
    assert.equal((await callCommand(['backup', backup, '--data-dir', bed.dataDir])).code, 0);
    await play(service, 5);
    await service.kill();
    assert.equal((await restore(backup, bed.dataDir, '--replace', '--yes')).code, 0);
    const again = await bed.start();
    await play(again, 5);
    assert.equal(await again.stop(), 0);
    const [aside = ''] = readdirSync(bed.dataDir).filter((name) => name.startsWith('replaced-'));
    const newest = (folder: string): number => {
      const db = new DatabaseSync(join(folder, 'chasqui.sqlite'));
      const row = db.prepare('SELECT min(id) AS least, max(id) AS most FROM raw_event WHERE id > ?');
      const { most } = row.get(0) as { most: number };
      db.close();
      return most;
    };
    const lost = newest(join(bed.dataDir, aside));
    const db = new DatabaseSync(join(bed.dataDir, 'chasqui.sqlite'));
    const madeAfter = db.prepare('SELECT id FROM raw_event ORDER BY id DESC LIMIT 5').all();
    db.close();
    assert.equal(madeAfter.length, 5);
    for (const { id } of madeAfter) assert.ok(Number(id) > lost);
  });
});

/** Changes the store of a backup, and has it say so of itself: as a newer version would have written it. */
function rewrite(backup: string, change: (db: DatabaseSync) => void): void {
  const [file, about] = [join(backup, 'chasqui.sqlite'), join(backup, 'backup.json')];
  const db = new DatabaseSync(file);
  change(db);
  db.close();
  const bytes = readFileSync(file);
  const manifest = JSON.parse(readFileSync(about, 'utf8')) as object;
  const store = { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex') };
  writeFileSync(about, JSON.stringify({ ...manifest, store }));
}
