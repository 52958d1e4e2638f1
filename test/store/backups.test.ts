// Places for backups: one contract for a folder and a bucket, then what is one's alone.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import type { BackupManifest } from '../../src/domain/backup.ts';
import { lookIntoBucket, openBackupBucket, openBucketBackup } from '../../src/store/backups/bucket.ts';
import { BackupFolder, openFolderBackup } from '../../src/store/backups/folder.ts';
import { BrokenOff } from '../../src/store/backups/port.ts';
import type { BackupPlace, BackupSource } from '../../src/store/backups/port.ts';
import { openBucketServer } from '../support/bucket-server.ts';
import type { BucketServer } from '../support/bucket-server.ts';

const storeId = '1a2b3c4d';
const names = ['T060000Z', 'T120000Z', 'T180000Z', 'T190000Z'].map(
  (time) => `chasqui-${storeId}-20261130${time}`,
);
const [first = '', second = ''] = names;
const goOn = (): void => undefined;
let server: BucketServer;
before(async () => {
  server = await openBucketServer();
});
after(() => server.close());

interface Bed {
  readonly open: () => Promise<BackupPlace>;
  readonly find: (name: string) => Promise<BackupSource | undefined>;
  /** What is kept there of a backup, whole or not. */
  readonly count: (name: string) => number;
}

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-places-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const beds: Readonly<Record<string, (t: TestContext) => Bed>> = {
  'a folder': (t) => {
    const folder = join(openFolder(t), 'kept');
    return {
      open: async () => new BackupFolder(folder, storeId, tmpdir()),
      find: (name) => openFolderBackup(join(folder, name)),
      count: (name) =>
        existsSync(folder) ? readdirSync(folder).filter((one) => one.startsWith(name)).length : 0,
    };
  },
  'a bucket': (t) => {
    const { url: endpoint, region, keyId, keySecret } = server;
    const access = { endpoint, region, keyId, keySecret, bucket: 'backups' };
    const stagingFolder = join(openFolder(t), 'staging');
    server.objects.clear();
    return {
      open: () => openBackupBucket({ ...access, prefix: 'one/', storeId, stagingFolder }),
      find: (name) => openBucketBackup({ ...access, prefix: `one/${name}/` }),
      count: (name) =>
        [...server.objects.keys()].filter((one) => one.startsWith(`/backups/one/${name}`)).length,
    };
  },
};

/** Writes what is to be a backup, as the writer of backups does. */
async function begin(place: BackupPlace, name: string, store = 'a store'): Promise<BackupManifest> {
  const { folder } = await place.begin(name);
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(join(folder, 'chasqui.sqlite'), store);
  const manifest: BackupManifest = {
    format: 1,
    mark: name,
    madeAt: '2026-11-30T06:00:00.000Z',
    durationMs: 5,
    version: '1.0.0',
    schema: 3,
    store: { bytes: store.length, sha256: createHash('sha256').update(store).digest('hex') },
    rows: { meta: 1 },
    media: { files: 0, bytes: 0 },
  };
  writeFileSync(join(folder, 'backup.json'), JSON.stringify(manifest));
  return manifest;
}

async function add(place: BackupPlace, name: string, store?: string): Promise<BackupManifest> {
  const manifest = await begin(place, name, store);
  await place.keep(name, manifest, goOn);
  return manifest;
}

for (const [what, open] of Object.entries(beds))
  describe(`backups in ${what}`, () => {
    it('are listed by their names, read, taken out and taken away', async (t) => {
      const bed = open(t);
      const place = await bed.open();
      assert.deepEqual(await place.list(), []);
      const manifests = [];
      for (const name of names.toReversed()) manifests.unshift(await add(place, name, `store ${name}`));
      assert.deepEqual(await place.list(), names);
      assert.deepEqual(await place.read(first), manifests[0]);
      assert.equal(await place.read('chasqui-1a2b3c4d-20260101T000000Z'), undefined);
      const source = await bed.find(first);
      assert.deepEqual(source?.manifest, manifests[0]);
      const folder = openFolder(t);
      await source?.fetch(folder, goOn);
      assert.equal(readFileSync(join(folder, 'chasqui.sqlite'), 'utf8'), `store ${first}`);
      assert.equal(statSync(join(folder, 'chasqui.sqlite')).mode & 0o777, 0o600);
      await place.remove(first);
      assert.deepEqual(await place.list(), names.slice(1));
      assert.deepEqual([bed.count(first), await bed.find(first)], [0, undefined]);
    });

    it('that were begun and not kept are none, and go when the next one is begun', async (t) => {
      const bed = open(t);
      const place = await bed.open();
      await begin(place, first);
      // As after a process that was killed.
      const next = await bed.open();
      assert.deepEqual(await next.list(), []);
      assert.equal(await bed.find(first), undefined);
      await add(next, second);
      assert.deepEqual(await next.list(), [second]);
      assert.equal(bed.count(first), 0);
    });

    it('of another store are neither seen nor taken away', async (t) => {
      const bed = open(t);
      const place = await bed.open();
      const other = `chasqui-ffffffff-20261130T060000Z`;
      await add(place, other);
      assert.deepEqual(await place.list(), []);
      await begin(place, first);
      await place.clear();
      assert.ok((await bed.find(other)) !== undefined);
    });
  });

describe('backups in a folder', () => {
  it('know the media of the one before, which are not written twice', async (t) => {
    const folder = openFolder(t);
    const place = new BackupFolder(folder, storeId, tmpdir());
    assert.equal((await place.begin(first)).formerMedia, null);
    await place.keep(first);
    assert.equal((await place.begin(second)).formerMedia, join(folder, first, 'media'));
  });

  it('make no folder above theirs, and use none that has come back to the disk of the data: the own one is not mounted', async (t) => {
    const [base, other] = [openFolder(t), '/dev/shm'];
    await assert.rejects(
      new BackupFolder(join(base, 'disk', 'kept'), storeId, base).begin(first),
      /folder for backups .*kept cannot be used: ENOENT/,
    );
    assert.deepEqual(readdirSync(base), []);
    if (!existsSync(other) || statSync(other).dev === statSync(base).dev) {
      t.skip('Everything here is on one disk.');
      return;
    }
    const [disk, mounted] = [mkdtempSync(join(other, 'chasqui-places-')), join(base, 'mounted')];
    t.after(() => rmSync(disk, { recursive: true }));
    symlinkSync(disk, mounted);
    const place = new BackupFolder(mounted, storeId, base);
    await add(place, first);
    rmSync(mounted);
    mkdirSync(mounted);
    await assert.rejects(place.begin(second), /is on the disk of the data folder now.*is not mounted/);
    assert.deepEqual(readdirSync(mounted), []);
  });

  it('that is a file cannot be used, in words', async (t) => {
    const file = join(openFolder(t), 'file');
    writeFileSync(file, '');
    await assert.rejects(
      new BackupFolder(file, storeId, tmpdir()).begin(first),
      /folder for backups .*file cannot be used: ENOTDIR/,
    );
  });
});

describe('backups in a bucket', () => {
  it('that were half sent are none: neither parts nor a store without what it says of itself', async (t) => {
    const bed = open('a bucket', t);
    const place = await bed.open();
    const manifest = await begin(place, first, 'x'.repeat(9 * 1024 * 1024));
    let calls = 0;
    const breakOff = (): void => {
      calls += 1;
      if (calls > 100) throw new BrokenOff('now');
    };
    await assert.rejects(place.keep(first, manifest, breakOff), BrokenOff);
    // What a process that was killed leaves.
    const client = new S3Client({
      endpoint: server.url,
      region: server.region,
      forcePathStyle: true,
      credentials: { accessKeyId: server.keyId, secretAccessKey: server.keySecret },
    });
    const many = Array.from({ length: 9 }, () => `one/${second}/chasqui.sqlite`);
    for (const Key of [...many, 'one/of-somebody-else'])
      await client.send(new CreateMultipartUploadCommand({ Bucket: 'backups', Key }));
    server.objects.set(`/backups/one/${second}/chasqui.sqlite`, Buffer.from('half'));
    assert.deepEqual(await place.list(), []);
    await place.clear();
    assert.deepEqual(
      [server.countUploads(), server.objects.size],
      [1, 0],
      'the upload of somebody else is left',
    );
  });

  it('that hold something else than was sent are refused', async (t) => {
    const bed = open('a bucket', t);
    const place = await bed.open();
    const manifest = await begin(place, first);
    const other = { ...manifest, store: { ...manifest.store, sha256: '0'.repeat(64) } };
    await assert.rejects(place.keep(first, other, goOn), /is not what was put there/);
    assert.deepEqual(await place.list(), []);
  });

  it('are told to who named none, with folders in which they may be, and nothing is gone into', async (t) => {
    const place = await open('a bucket', t).open();
    for (const name of names) await add(place, name);
    for (let index = 0; index < 20; index += 1)
      server.objects.set(`/backups/media/1/${index}.bin`, Buffer.from('of a user'));
    const { url: endpoint, region, keyId, keySecret } = server;
    const access = { endpoint, region, keyId, keySecret, bucket: 'backups' };
    const [before, look] = [server.served.get('GET object') ?? 0, lookIntoBucket];
    assert.deepEqual(await look({ ...access, prefix: '' }), {
      backups: [],
      folders: ['media', 'one'],
      isWhole: true,
    });
    assert.deepEqual(await look({ ...access, prefix: 'one/' }), {
      backups: names,
      folders: [],
      isWhole: true,
    });
    assert.deepEqual(await look({ ...access, prefix: 'two/' }), { backups: [], folders: [], isWhole: true });
    // Two pages for the backups, one for each of the others.
    assert.equal((server.served.get('GET object') ?? 0) - before, 4);
    for (let index = 0; index < 20; index += 1) server.objects.set(`/backups/f${index}/x`, Buffer.from('x'));
    assert.equal((await look({ ...access, prefix: '' })).isWhole, false);
  });

  it('that does not answer cannot be used, in words', async (t) => {
    const bed = open('a bucket', t);
    const place = await bed.open();
    server.refuse(3);
    await assert.rejects(place.list(), /s3:\/\/backups\/one\/ cannot be used: SlowDown/);
  });

  function open(what: string, t: TestContext): Bed {
    const made = beds[what]?.(t);
    assert.ok(made !== undefined);
    return made;
  }
});

it('a folder without what a backup says of itself is none', async (t) => {
  const folder = openFolder(t);
  mkdirSync(join(folder, 'media'));
  writeFileSync(join(folder, 'chasqui.sqlite'), '');
  assert.equal(await openFolderBackup(folder), undefined);
  writeFileSync(join(folder, 'backup.json'), '{"format":2}');
  assert.equal(await openFolderBackup(folder), undefined);
});
