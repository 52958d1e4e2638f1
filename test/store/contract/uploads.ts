import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUploadId } from '../../../src/domain/upload.ts';
import type { Upload } from '../../../src/domain/upload.ts';
import { withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

function toUpload({ accountId, channelId, clock }: Fixture, key: string, bytes: number): Upload {
  const id = toUploadId(accountId, key);
  const sha256 = id.repeat(2);
  return { accountId, id, channelId, key, mimeType: 'image/png', bytes, sha256, createdAt: clock.now() };
}

/** Puts three files, each some time after the one before. */
async function putThree(fixture: Fixture): Promise<readonly [Upload, Upload, Upload]> {
  const put = async (key: string): Promise<Upload> => {
    const upload = toUpload(fixture, key, 1);
    await fixture.store.putUpload(upload);
    fixture.clock.advance(10);
    return upload;
  };
  return [await put('a.png'), await put('b.png'), await put('c.png')];
}

export function uploadContract(open: OpenStore): void {
  test(
    'putUpload: an upload is found by its id and its account, and a second one takes its place',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const first = toUpload(fixture, 'a/b.png', 10);
      await store.putUpload(first);
      assert.deepEqual(await store.findUpload(accountId, first.id), first);
      assert.equal(await store.findUpload(otherId, first.id), undefined);
      clock.advance(1000);
      const second = toUpload(fixture, 'a/b.png', 7);
      await store.putUpload(second);
      assert.deepEqual(await store.findUpload(accountId, first.id), second);
      assert.equal(await store.sumFileBytes(), 7);
      assert.equal(await store.sumFileBytes(accountId), 7);
      assert.equal(await store.sumFileBytes(otherId), 0);
    }),
  );

  test(
    'listUploads: uploads are listed oldest first',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const made = await putThree(fixture);
      const old = await store.listUploads(clock.now() - 10, 10);
      assert.deepEqual(old, made.slice(0, 2));
      assert.deepEqual(await store.listUploads(clock.now(), 1), made.slice(0, 1));
    }),
  );

  test(
    'removeUpload: an upload is taken away once, and one that was replaced meanwhile is not',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const [first, second] = await putThree(fixture);
      await store.putUpload({ ...first, createdAt: clock.now() });
      assert.equal(await store.removeUpload(first), false);
      assert.equal(await store.removeUpload(second), true);
      assert.equal(await store.removeUpload(second), false);
      assert.equal(await store.findUpload(accountId, second.id), undefined);
      assert.equal(await store.sumFileBytes(), 2);
    }),
  );
}
