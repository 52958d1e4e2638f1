import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUploadId } from '../../../src/domain/upload.ts';
import { inbound, minute, need, record, toId, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

/** Records a message with a picture; its media id is made of its name. */
async function recordPicture(fixture: Fixture, name: string): Promise<string> {
  const id = toId(`picture of ${name}`);
  const source = {
    id,
    channelMediaId: `graph-${name}`,
    mimeType: 'image/jpeg',
    sha256: 'c2hhMjU2',
    fileName: 'a.jpg',
  };
  const content = { media: { id, mimeType: 'image/jpeg', channelMediaId: `graph-${name}` } };
  await record(fixture, inbound(fixture, name, { media: source, content }));
  return id;
}

/** Records a message with a picture and fetches that; resolves to its media id. */
async function storePicture(fixture: Fixture, name: string, bytes: number): Promise<string> {
  const id = await recordPicture(fixture, name);
  await fixture.store.claimMedia(fixture, 5, fixture.clock.now(), minute);
  await fixture.store.settleMedia(fixture.accountId, id, { state: 'stored', bytes });
  return id;
}

/** Records three pictures on each of the channels b and a of the first account, and on c of the other. */
async function recordOnThreeChannels(fixture: Fixture): Promise<void> {
  const channels = [
    { ...fixture, channelId: 'b' },
    { ...fixture, channelId: 'a' },
    { ...fixture, accountId: fixture.otherId, channelId: 'c' },
  ];
  for (const [index, channel] of channels.entries())
    for (let picture = 0; picture < 3; picture += 1)
      await recordPicture(channel, `${channel.channelId}${index}${picture}`);
}

export function mediaContract(open: OpenStore): void {
  test(
    'countOld: files are counted by age before a sweep takes them: those of users that are stored, and uploads',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      const putUpload = (key: string) =>
        store.putUpload({
          ...{ accountId, channelId, key, mimeType: 'image/png', bytes: 1, sha256: '' },
          id: toUploadId(accountId, key),
          createdAt: clock.now(),
        });
      const recorded: string[] = [];
      for (const name of ['m1', 'm2', 'm3']) recorded.push(await recordPicture(fixture, name));
      for (const id of recorded.slice(1))
        await store.settleMedia(accountId, id, { state: 'stored', bytes: 1 });
      for (const key of ['a', 'b', 'c']) await putUpload(key);
      clock.advance(minute);
      await store.settleMedia(accountId, await recordPicture(fixture, 'm4'), { state: 'stored', bytes: 1 });
      await putUpload('d');
      const none = { at: 0, rawEvents: 0, receipts: 0, attempts: 0 };
      const files = async (media: number, uploads: number) =>
        (await store.countOld({ ...none, media, uploads })).filter(
          ({ kind }) => kind === 'media' || kind === 'uploads',
        );
      assert.deepEqual(await files(clock.now(), clock.now()), [
        { kind: 'media', old: 2, kept: 1 },
        { kind: 'uploads', old: 3, kept: 1 },
      ]);
      assert.deepEqual(await files(clock.now() - minute, clock.now() + 1), [
        { kind: 'media', old: 0, kept: 0 },
        { kind: 'uploads', old: 4, kept: 0 },
      ]);
      assert.equal((await store.countOld(none)).length, 4, 'what a mark does not tell is not counted');
      await store.noteSweep({ ...none, media: 5, uploads: 6 });
      assert.deepEqual(await store.findSweepMark(), { ...none, media: 5, uploads: 6 });
      await store.noteSweep(none);
      assert.deepEqual(await store.findSweepMark(), none);
    }),
  );

  test(
    'recordIntake: media of a receipt are pending at once, and its timeline shows them',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, senderId, clock } = fixture;
      const id = await recordPicture(fixture, 'm1');
      const media = need(await store.findMedia(accountId, id));
      assert.deepEqual(media, {
        accountId,
        id,
        channelId,
        senderId,
        channelMediaId: 'graph-m1',
        mimeType: 'image/jpeg',
        fileName: 'a.jpg',
        sha256: 'c2hhMjU2',
        state: 'pending',
        reason: '',
        bytes: null,
        attempts: 0,
        dueAt: clock.now(),
        createdAt: clock.now(),
      });
      assert.deepEqual((await store.findTimeline(accountId, toId('m1')))?.media, media);
      assert.equal(await store.findMedia(otherId, id), undefined);
      assert.equal(await store.findMedia(accountId, toId('none')), undefined);
      assert.equal(await store.findNextMediaDue(clock.now() - 1), clock.now());
    }),
  );

  test(
    'claimMedia: media are leased to one caller, oldest first, and come up again when nobody settles',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const ids = [];
      for (const name of ['m1', 'm2', 'm3']) {
        ids.push(await recordPicture(fixture, name));
        clock.advance(1);
      }
      // Whichever of two at once comes first has two.
      const [first = [], second = []] = (
        await Promise.all([1, 2].map(() => store.claimMedia(fixture, 2, clock.now(), minute)))
      ).toSorted((a, b) => b.length - a.length);
      assert.deepEqual(
        [...first, ...second].map(({ id }) => id),
        ids,
      );
      assert.deepEqual(
        first.map(({ attempts, dueAt }) => [attempts, dueAt]),
        [
          [1, clock.now() + minute],
          [1, clock.now() + minute],
        ],
      );
      assert.deepEqual(await store.claimMedia(fixture, 5, clock.now(), minute), []);
      assert.equal(await store.findNextMediaDue(clock.now() - 1), clock.now() + minute);
      clock.advance(minute);
      const again = await store.claimMedia(fixture, 5, clock.now(), minute);
      assert.deepEqual(
        again.map(({ attempts }) => attempts),
        [2, 2, 2],
      );
    }),
  );

  test(
    'listDueMediaAccounts: accounts with media that are due are listed in order, each once',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      await recordOnThreeChannels(fixture);
      const now = clock.now();
      assert.deepEqual(await store.listDueMediaAccounts(now, 0, 10), [accountId, otherId]);
      assert.deepEqual(await store.listDueMediaAccounts(now, 0, 1), [accountId]);
      assert.deepEqual(await store.listDueMediaAccounts(now, accountId, 10), [otherId]);
      assert.deepEqual(await store.listDueMediaAccounts(now - 1, 0, 10), []);
      for (const channelId of ['a', 'b']) await store.claimMedia({ accountId, channelId }, 5, now, minute);
      assert.deepEqual(await store.listDueMediaAccounts(now, 0, 10), [otherId]);
      assert.deepEqual(await store.listDueMediaAccounts(now + minute, 0, 10), [accountId, otherId]);
    }),
  );

  test(
    'listDueMediaChannels: channels of an account with media that are due are listed in order, each once',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      await recordOnThreeChannels(fixture);
      const now = clock.now();
      assert.deepEqual(await store.listDueMediaChannels(accountId, now, '', 10), ['a', 'b']);
      assert.deepEqual(await store.listDueMediaChannels(accountId, now, 'a', 10), ['b']);
      assert.deepEqual(await store.listDueMediaChannels(accountId, now, '', 1), ['a']);
      assert.deepEqual(await store.listDueMediaChannels(otherId, now, '', 10), ['c']);
      await store.claimMedia({ accountId, channelId: 'a' }, 5, now, minute);
      assert.deepEqual(await store.listDueMediaChannels(accountId, now, '', 10), ['b']);
    }),
  );

  test(
    'claimMedia: media are claimed channel by channel, so many at a time',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      await recordOnThreeChannels(fixture);
      const claim = async (limit: number): Promise<string[]> =>
        (await store.claimMedia({ accountId, channelId: 'a' }, limit, clock.now(), minute)).map(
          ({ channelId }) => channelId,
        );
      assert.deepEqual(await claim(1), ['a']);
      assert.deepEqual(await claim(5), ['a', 'a']);
      assert.deepEqual(await claim(5), []);
    }),
  );

  test(
    'sumFileBytes: what is stored counts, of all accounts or of one',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      await recordPicture(fixture, 'waits');
      assert.equal(await store.sumFileBytes(), 0);
      await storePicture(fixture, 'm1', 100);
      await storePicture(fixture, 'm2', 200);
      assert.equal(await store.sumFileBytes(), 300);
      assert.equal(await store.sumFileBytes(accountId), 300);
      assert.equal(await store.sumFileBytes(otherId), 0);
    }),
  );

  test(
    'settleMedia: media that are stored are fetched no more',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const id = await storePicture(fixture, 'm1', 100);
      const media = need(await store.findMedia(accountId, id));
      assert.deepEqual([media.state, media.bytes, media.reason], ['stored', 100, '']);
      clock.advance(minute);
      assert.deepEqual(await store.claimMedia(fixture, 5, clock.now(), minute), []);
      assert.equal(await store.findNextMediaDue(clock.now() - 1), undefined);
    }),
  );

  test(
    'listStoredMedia: stored media are listed by age, whichever was fetched first',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const start = clock.now();
      const first = await recordPicture(fixture, 'm1');
      clock.advance(1000);
      const second = await recordPicture(fixture, 'm2');
      await store.claimMedia(fixture, 5, clock.now(), minute);
      await store.settleMedia(accountId, second, { state: 'stored', bytes: 200 });
      await store.settleMedia(accountId, first, { state: 'stored', bytes: 100 });
      const listed = async (before: number, limit: number): Promise<string[]> =>
        (await store.listStoredMedia(before, limit)).map(({ id }) => id);
      assert.deepEqual(await listed(start + 5000, 10), [first, second]);
      assert.deepEqual(await listed(start + 5000, 1), [first]);
      assert.deepEqual(await listed(start + 1000, 10), [first]);
      assert.deepEqual(await listed(start, 10), []);
    }),
  );

  test(
    'settleMedia: media that are to be tried again wait until then, with the reason',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const id = await recordPicture(fixture, 'm1');
      await store.claimMedia(fixture, 1, clock.now(), minute);
      const dueAt = clock.now() + 2000;
      await store.settleMedia(accountId, id, { state: 'pending', dueAt, reason: 'It answered 500.' });
      assert.equal((await store.findMedia(accountId, id))?.reason, 'It answered 500.');
      assert.equal(await store.findNextMediaDue(clock.now() - 1), dueAt);
      clock.advance(1999);
      assert.deepEqual(await store.claimMedia(fixture, 1, clock.now(), minute), []);
      clock.advance(1);
      assert.equal((await store.claimMedia(fixture, 1, clock.now(), minute))[0]?.attempts, 2);
    }),
  );

  test(
    'settleMedia: media that are gone or erased stay so and say why',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const gone = await recordPicture(fixture, 'm1');
      const erased = await recordPicture(fixture, 'm2');
      await store.claimMedia(fixture, 5, clock.now(), minute);
      await store.settleMedia(accountId, gone, { state: 'gone', reason: 'The channel no longer has it.' });
      await store.settleMedia(accountId, erased, { state: 'stored', bytes: 100 });
      await store.settleMedia(accountId, erased, { state: 'erased', reason: 'Its time was over.' });
      // A fetch that ended late changes nothing.
      for (const id of [gone, erased]) await store.settleMedia(accountId, id, { state: 'stored', bytes: 5 });
      assert.deepEqual(
        await Promise.all([gone, erased].map(async (id) => (await store.findMedia(accountId, id))?.state)),
        ['gone', 'erased'],
      );
      assert.equal((await store.findMedia(accountId, gone))?.reason, 'The channel no longer has it.');
      assert.equal(await store.sumFileBytes(), 0);
      assert.deepEqual(await store.listStoredMedia(clock.now() + 1, 10), []);
    }),
  );

  test(
    'recordIntake: a repeat of a message asks for its media no second time',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const id = await recordPicture(fixture, 'm1');
      await store.claimMedia(fixture, 1, clock.now(), minute);
      await store.settleMedia(accountId, id, { state: 'stored', bytes: 100 });
      await recordPicture(fixture, 'm1');
      assert.equal((await store.findMedia(accountId, id))?.state, 'stored');
      assert.equal(await store.findNextMediaDue(clock.now() - 1), undefined);
    }),
  );
}
