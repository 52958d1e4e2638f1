import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, it } from 'node:test';
import { openBucket } from '../../../src/store/media/bucket.ts';
import type { MediaStore } from '../../../src/store/store.ts';
import { openBucketServer } from '../../support/bucket-server.ts';
import type { BucketServer } from '../../support/bucket-server.ts';

let server: BucketServer;
let bucket: MediaStore;

const open = (keySecret: string) =>
  openBucket({
    bucket: 'media',
    endpoint: server.url,
    region: server.region,
    prefix: 'chasqui/',
    keyId: server.keyId,
    keySecret,
  });

before(async () => {
  server = await openBucketServer();
  bucket = await open(server.keySecret);
});
after(() => server.close());

async function* pieces(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

const key = (id: string) => ({ accountId: 1_000_000_000_000_001, id: id.repeat(32) });

async function read(id: string, range?: { start: number; end: number }) {
  const found = await bucket.read(key(id), range);
  assert.ok(found);
  const chunks: Buffer[] = [];
  for await (const chunk of found.stream) chunks.push(chunk as Buffer);
  return { bytes: found.bytes, body: Buffer.concat(chunks) };
}

it('a file is an object named by its account and id, and is read as a whole or in part', async () => {
  const body = randomBytes(300_000);
  const written = await bucket.write(key('a'), pieces(body.subarray(0, 1000), body.subarray(1000)));
  assert.deepEqual(written, { bytes: 300_000, sha256: createHash('sha256').update(body).digest('hex') });
  assert.deepEqual([...server.objects.keys()], [`/media/chasqui/1000000000000001/${'a'.repeat(32)}`]);
  assert.deepEqual(await read('a'), { bytes: 300_000, body });
  assert.deepEqual(await read('a', { start: 10, end: 19 }), { bytes: 300_000, body: body.subarray(10, 20) });
});

it('an empty file is kept as well', async () => {
  assert.equal((await bucket.write(key('b'), pieces())).bytes, 0);
  assert.equal((await read('b')).bytes, 0);
});

it('a large file goes up in parts and is one object', async () => {
  const megabyte = randomBytes(1024 * 1024);
  await bucket.write(key('c'), pieces(...Array.from({ length: 20 }, () => megabyte)));
  assert.equal(server.served.get('PUT part'), 3);
  const { bytes, body } = await read('c', { start: 8 * 1024 * 1024 - 2, end: 8 * 1024 * 1024 + 1 });
  assert.equal(bytes, 20 * 1024 * 1024);
  assert.deepEqual(body, Buffer.concat([megabyte.subarray(-2), megabyte.subarray(0, 2)]));
});

it('a file whose source breaks off leaves nothing, and the error is the source’s', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield randomBytes(9 * 1024 * 1024);
    throw new Error('the channel hung up');
  }
  await assert.rejects(bucket.write(key('d'), broken()), /the channel hung up/);
  assert.equal(await bucket.read(key('d')), undefined);
  assert.equal(server.countUploads(), 0);
});

it('what is removed is gone, and may be removed again', async () => {
  await bucket.write(key('e'), pieces(Buffer.from('x')));
  await bucket.remove(key('e'));
  await bucket.remove(key('e'));
  assert.equal(await bucket.read(key('e')), undefined);
});

it('a bucket that asks for patience gets it', async () => {
  server.refuse(2);
  assert.equal((await bucket.write(key('f'), pieces(Buffer.from('x')))).bytes, 1);
});

it('a bucket that refuses is told of as a store that cannot be used', async () => {
  const stranger = await open('another secret');
  const refused = { code: 'store_unavailable', message: /SignatureDoesNotMatch/ };
  await assert.rejects(stranger.write(key('g'), pieces(Buffer.from('x'))), refused);
  await assert.rejects(stranger.read(key('a')), refused);
  await assert.rejects(stranger.remove(key('a')), refused);
  assert.equal(await bucket.read(key('g')), undefined);
});
