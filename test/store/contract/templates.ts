import assert from 'node:assert/strict';
import { test } from 'node:test';
import { system } from '../../../src/domain/account.ts';
import type { ClaimedRemoval, ClaimedReview, NewTemplate } from '../../../src/store/store.ts';
import { minute, need, second, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';

const toNew = (fixture: Fixture, changes: Partial<NewTemplate> = {}): NewTemplate => ({
  channelId: fixture.channelId,
  code: 'c1',
  language: 'en',
  name: 'hello',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [{ Type: 'BODY', Text: 'Hello $(name)' }],
  example: { name: 'Bob' },
  status: 'auditing',
  reason: '',
  allowSend: true,
  categoryChangePaused: false,
  ttlSeconds: 60,
  quality: 'UNKNOWN',
  vendorId: null,
  parameterFormat: 'POSITIONAL',
  isEdited: false,
  offered: [],
  asked: null,
  reviewAt: fixture.clock.now(),
  ...changes,
});

const add = ({ store, accountId }: Fixture, template: NewTemplate) =>
  store.createTemplate(accountId, template, system);

/** A review that is claimed, and claimed by another when that lease was over. */
async function loseReview(fixture: Fixture): Promise<{ slow: ClaimedReview; quick: ClaimedReview }> {
  const { store, clock } = fixture;
  await add(fixture, toNew(fixture));
  const claim = async () => need((await store.claimReviews(fixture, 10, clock.now(), minute))[0]);
  const slow = await claim();
  clock.advance(minute);
  return { slow, quick: await claim() };
}

/** Deletes a template of two languages and claims what is to be deleted at its channel: German, then English, which that knows. */
async function deleteTwoLanguages(fixture: Fixture): Promise<readonly [ClaimedRemoval, ClaimedRemoval]> {
  const { store, accountId, channelId, clock } = fixture;
  await add(fixture, toNew(fixture, { vendorId: 'v1', reviewAt: null }));
  await add(fixture, toNew(fixture, { language: 'de', reviewAt: null }));
  await store.deleteTemplate(accountId, channelId, 'c1', null, system);
  const claimed = await store.claimRemovals(fixture, 10, clock.now(), minute);
  assert.equal(claimed.length, 2);
  const of = (wanted: string) => need(claimed.find(({ language }) => language === wanted));
  return [of('de'), of('en')];
}

export function templateContract(open: OpenStore): void {
  test(
    'createTemplate: a template is made once for a name and language, and its languages share the code of the first',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId } = fixture;
      assert.deepEqual(await add(fixture, toNew(fixture)), { code: 'c1' });
      assert.equal(await add(fixture, toNew(fixture, { code: 'c2' })), 'exists');
      assert.deepEqual(await add(fixture, toNew(fixture, { code: 'c2', language: 'de' })), { code: 'c1' });
      assert.deepEqual(await add(fixture, toNew(fixture, { code: 'c3', name: 'bye' })), { code: 'c3' });
      const list = async (filter: Parameters<typeof store.findTemplates>[1]) =>
        (await store.findTemplates(accountId, filter)).map(({ name, language }) => `${name}/${language}`);
      assert.deepEqual(await list({}), ['bye/en', 'hello/de', 'hello/en']);
      assert.deepEqual(await list({ code: 'c1', language: 'de' }), ['hello/de']);
      assert.deepEqual(await list({ channelId, name: 'bye', status: 'auditing' }), ['bye/en']);
      assert.deepEqual(await list({ status: 'pass' }), []);
      assert.deepEqual(await store.findTemplates(otherId, {}), []);
      const [german] = await store.findTemplates(accountId, { code: 'c1', language: 'de' });
      const { createdAt, updatedAt } = need(german);
      assert.deepEqual(german, {
        ...toNew(fixture, { language: 'de' }),
        accountId,
        createdAt,
        updatedAt,
      });
    }),
  );

  test(
    'searchTemplates: languages are found by the beginning of their code or name, no more than are asked for',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId } = fixture;
      await add(fixture, toNew(fixture));
      await add(fixture, toNew(fixture, { language: 'de' }));
      await add(fixture, toNew(fixture, { code: 'h3', name: '100%_off' }));
      const find = async (text: string, limit = 10, of = accountId) =>
        (await store.searchTemplates(of, text, limit)).map(({ name, language }) => `${name}/${language}`);
      assert.deepEqual(await find('h'), ['100%_off/en', 'hello/de', 'hello/en']);
      assert.deepEqual(await find('hello'), ['hello/de', 'hello/en']);
      assert.deepEqual(await find('c1', 1), ['hello/de']);
      assert.deepEqual(await find('100%'), ['100%_off/en']);
      assert.deepEqual(await find('ello'), []);
      assert.deepEqual(await find('%'), []);
      assert.deepEqual(await find('h', 10, otherId), []);
    }),
  );

  test(
    'updateTemplate: a template is replaced as a whole by its account alone',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      await add(fixture, toNew(fixture));
      const changed = toNew(fixture, { status: 'pass', allowSend: false, ttlSeconds: null, reviewAt: null });
      assert.equal(await store.updateTemplate(otherId, changed, system), 'missing');
      assert.equal(await store.updateTemplate(accountId, { ...changed, language: 'fr' }, system), 'missing');
      clock.advance(second);
      assert.equal(await store.updateTemplate(accountId, changed, system), 'changed');
      const [template] = await store.findTemplates(accountId, {});
      const { createdAt, updatedAt } = need(template);
      assert.equal(updatedAt - createdAt, second);
      assert.deepEqual(template, { ...changed, accountId, createdAt, updatedAt });
    }),
  );

  test(
    'updateTemplate: changes of different properties of a template made at once are all kept',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const added = toNew(fixture, { allowSend: true, categoryChangePaused: false, ttlSeconds: 60 });
      await add(fixture, added);
      const { channelId, code, language } = added;
      const change = (members: Partial<NewTemplate>) =>
        store.updateTemplate(accountId, { channelId, code, language, ...members }, system);
      await Promise.all([
        change({ allowSend: false }),
        change({ categoryChangePaused: true }),
        change({ ttlSeconds: null }),
        change({ status: 'pass', reason: 'fine' }),
      ]);
      const [template] = await store.findTemplates(accountId, {});
      const { createdAt, updatedAt } = need(template);
      assert.deepEqual(template, {
        ...added,
        accountId,
        createdAt,
        updatedAt,
        allowSend: false,
        categoryChangePaused: true,
        ttlSeconds: null,
        status: 'pass',
        reason: 'fine',
      });
    }),
  );

  test(
    'updateTemplate: a template is changed only while its review stands where the caller wants it',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const added = toNew(fixture);
      await add(fixture, added);
      const { channelId, code, language } = added;
      const components = [{ Type: 'BODY', Text: 'Changed' }];
      const modify = (ttlSeconds: number) =>
        store.updateTemplate(accountId, { channelId, code, language, components, ttlSeconds }, system, [
          'auditing',
          'fail',
        ]);
      assert.equal(await modify(1), 'changed');
      const pass = { channelId, code, language, components: added.components, status: 'pass' as const };
      const times = [2, 3, 4];
      const [, ...outcomes] = await Promise.all([
        store.updateTemplate(accountId, pass, system),
        ...times.map((ttlSeconds) => modify(ttlSeconds)),
      ]);
      assert.equal(await modify(5), 'closed');
      const [template] = await store.findTemplates(accountId, {});
      const { components: kept, ttlSeconds, status } = need(template);
      assert.deepEqual([kept, status], [added.components, 'pass']);
      const written = times.filter((_, n) => outcomes[n] === 'changed');
      assert.ok((written.length === 0 ? [1] : written).includes(ttlSeconds ?? 0), outcomes.join());
    }),
  );

  test(
    'updateTemplate: what a channel said of a template before it was changed plans no review of it',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      await add(fixture, toNew(fixture));
      const [claimed] = await store.claimReviews(fixture, 10, clock.now(), minute);
      const { channelId, code, language } = need(claimed);
      const key = { channelId, code, language };
      const find = async () => need((await store.findTemplates(accountId, {}))[0]);
      // What is not content may have changed.
      await store.updateTemplate(accountId, { ...key, allowSend: false }, system);
      assert.equal(
        await store.planReview(need(claimed), { vendorId: 'v1', reviewAt: clock.now() }),
        'auditing',
      );
      assert.equal((await find()).vendorId, 'v1');
      for (const changed of [
        { components: [{ Type: 'BODY', Text: 'Changed' }] },
        { example: { name: 'Eve' } },
        { ttlSeconds: null },
      ]) {
        await store.updateTemplate(
          accountId,
          { ...key, ...changed, vendorId: null, isEdited: false, reviewAt: 7 },
          system,
        );
        assert.equal(await store.planReview(need(claimed), { reviewAt: null }), null);
        assert.equal((await find()).vendorId, null);
        assert.equal(await store.planReview(need(claimed), { vendorId: 'v1', reviewAt: null }), null);
        const { vendorId, reviewAt, isEdited } = await find();
        assert.deepEqual([vendorId, reviewAt, isEdited], ['v1', 7, true], 'to be changed where it is');
        assert.equal(await store.planReview(need(claimed), { vendorId: 'v9', reviewAt: null }), null);
        assert.equal((await find()).vendorId, 'v1');
        const { components, example, ttlSeconds } = need(claimed);
        await store.updateTemplate(accountId, { ...key, components, example, ttlSeconds }, system);
      }
      assert.equal(await store.planReview(await find(), { vendorId: 'v2', reviewAt: null }), 'auditing');
      const { vendorId, reviewAt, isEdited } = await find();
      assert.deepEqual([vendorId, reviewAt, isEdited], ['v2', null, false]);
    }),
  );

  test(
    "planReview: what was handed in and what was asked for is kept with a template, and a review's word only while nothing else was told",
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      await add(fixture, toNew(fixture));
      const find = async () => need((await store.findTemplates(accountId, {}))[0]);
      const seen = await find();
      const asked = { status: 'pass', updatedAt: seen.updatedAt, at: 7 } as const;
      const [claimed] = await store.claimReviews(fixture, 1, clock.now(), minute);
      assert.ok(await store.noteOffered(need(claimed), ['a', 'b']));
      await store.planReview(seen, { reviewAt: 5, parameterFormat: 'NAMED' });
      assert.partialDeepStrictEqual(await find(), {
        offered: ['a', 'b'],
        parameterFormat: 'NAMED',
        asked: null,
      });
      assert.equal(await store.planReview(seen, { reviewAt: 5, asked }), 'auditing');
      assert.deepEqual((await find()).asked, asked);
      await store.updateTemplate(
        accountId,
        { channelId, code: 'c1', language: 'en', status: 'fail' },
        system,
      );
      assert.equal(await store.planReview(seen, { reviewAt: 5, asked: { ...asked, updatedAt: 1 } }), 'fail');
      assert.deepEqual(
        (await find()).asked,
        asked,
        'a word that was told meanwhile is none that was asked for',
      );
      assert.deepEqual((await find()).offered, ['a', 'b']);
    }),
  );

  test(
    'createTemplate: a template that was found at its channel is made like any other, and found by its id, but not while one of its name is to be deleted there',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      const found = toNew(fixture, {
        vendorId: 'v1',
        status: 'pass',
        parameterFormat: 'NAMED',
        reviewAt: null,
      });
      assert.deepEqual(await add(fixture, found), { code: 'c1' });
      assert.equal(await add(fixture, found), 'exists');
      assert.equal((await store.findTemplates(accountId, { vendorId: 'v1' })).length, 1);
      assert.deepEqual(await store.findTemplates(accountId, { vendorId: 'v2' }), []);
      await store.deleteTemplate(accountId, channelId, 'c1', 'en', system);
      assert.equal(await add(fixture, found), 'exists');
      const [removal] = await store.claimRemovals(fixture, 10, clock.now(), minute);
      await store.settleRemoval(need(removal), { kind: 'over' });
      assert.deepEqual(await add(fixture, found), { code: 'c1' });
    }),
  );

  test(
    'claimReviews: a review is handed out to one when it is due, and again when its lease ends',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      await add(fixture, toNew(fixture, { reviewAt: clock.now() + second }));
      const claim = () => store.claimReviews(fixture, 10, clock.now(), minute);
      assert.deepEqual(await claim(), []);
      clock.advance(second);
      const [template] = await claim();
      assert.deepEqual(await claim(), []);
      clock.advance(minute);
      assert.equal((await claim()).length, 1);
      await store.planReview(need(template), { vendorId: 'v1', reviewAt: null });
      clock.advance(minute);
      assert.deepEqual(await claim(), []);
      assert.equal((await store.findTemplates(accountId, {}))[0]?.vendorId, 'v1');
    }),
  );

  test(
    'renewReview: who has the lease of a review keeps it for as long as he is at it, and who lost it renews it no more',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      await add(fixture, toNew(fixture));
      const claim = async () => (await store.claimReviews(fixture, 10, clock.now(), minute))[0];
      const slow = need(await claim());
      clock.advance(minute / 2);
      assert.ok(await store.renewReview(slow, clock.now() + minute));
      clock.advance(minute - 1);
      assert.equal(await claim(), undefined);
      clock.advance(1);
      const quick = need(await claim());
      assert.notEqual(quick.lease, slow.lease);
      assert.ok(!(await store.renewReview(slow, clock.now() + 9 * minute)));
      await store.planReview(quick, { vendorId: 'v2', reviewAt: clock.now(), lease: quick.lease });
      // It ended with that.
      assert.ok(!(await store.renewReview(quick, clock.now() + minute)));
      assert.notEqual((await claim())?.lease, quick.lease);
    }),
  );

  test(
    'noteOffered: who lost the lease of a review notes nothing of it',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      const { slow, quick } = await loseReview(fixture);
      const offered = async () => need((await store.findTemplates(accountId, {}))[0]).offered;
      assert.ok(!(await store.noteOffered(slow, ['a'])));
      assert.deepEqual(await offered(), []);
      assert.ok(await store.noteOffered(quick, ['b']));
      assert.deepEqual(await offered(), ['b']);
    }),
  );

  test(
    'planReview: who lost the lease of a review plans nothing of it',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const { slow, quick } = await loseReview(fixture);
      const vendorId = async () => need((await store.findTemplates(accountId, {}))[0]).vendorId;
      const { lease } = slow;
      assert.equal(await store.planReview(slow, { vendorId: 'v1', reviewAt: null, lease }), null);
      assert.equal(await vendorId(), null);
      const plan = { vendorId: 'v2', reviewAt: clock.now(), lease: quick.lease };
      assert.equal(await store.planReview(quick, plan), 'auditing');
      assert.equal(await vendorId(), 'v2');
    }),
  );

  test(
    'claimReviews: a review that is changed while somebody is at it is taken up by nobody else before that is over, and at once then',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      await add(fixture, toNew(fixture));
      const claim = async () => (await store.claimReviews(fixture, 10, clock.now(), minute))[0];
      for (const [text, answer] of [
        ['lost', {}],
        ['known', { vendorId: 'v1' }],
      ] as const) {
        const held = need(await claim());
        const components = [{ Type: 'BODY', Text: text }];
        const change = { channelId, code: 'c1', language: 'en', components, reviewAt: clock.now() };
        await store.updateTemplate(accountId, change, system);
        assert.ok(!(await store.noteOffered(held, ['a'])), 'what it says is not what is handed in');
        assert.equal(await claim(), undefined);
        assert.ok(await store.renewReview(held, clock.now() + 2 * minute));
        clock.advance(minute);
        assert.equal(await claim(), undefined);
        const plan = { ...answer, reviewAt: clock.now() + 9 * minute, lease: held.lease };
        assert.equal(await store.planReview(held, plan), null);
      }
      const taken = need(await claim());
      assert.deepEqual(
        [taken.vendorId, taken.isEdited, taken.components[0]?.['Text']],
        ['v1', true, 'known'],
      );
    }),
  );

  test(
    'renewRemoval: a removal that is at work stays with whoever does it, and is no more of his once it was lost',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      await add(fixture, toNew(fixture, { vendorId: 'v1', reviewAt: null }));
      await store.deleteTemplate(accountId, channelId, 'c1', 'en', system);
      const claim = async () => (await store.claimRemovals(fixture, 10, clock.now(), minute))[0];
      const slow = need(await claim());
      clock.advance(minute - 1);
      assert.ok(await store.renewRemoval(slow, clock.now() + minute));
      clock.advance(minute - 1);
      assert.equal(await claim(), undefined);
      clock.advance(1);
      const quick = need(await claim());
      assert.ok(!(await store.renewRemoval(slow, clock.now() + minute)));
      await store.settleRemoval(slow, { kind: 'over' });
      await store.settleRemoval(quick, { kind: 'retry', dueAt: clock.now() });
      assert.equal((await claim())?.attempts, 1);
    }),
  );

  test(
    'listDueTemplateAccounts: accounts and channels with templates that are due are listed in order, each once',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, clock } = fixture;
      const at = clock.now();
      for (const [owner, channelId, name] of [
        [accountId, 'b', 'one'],
        [accountId, 'b', 'two'],
        [accountId, 'B', 'one'],
        [accountId, 'c', 'later'],
        [otherId, 'd', 'one'],
      ] as const) {
        const reviewAt = name === 'later' ? at + 1 : at;
        await store.createTemplate(owner, toNew(fixture, { channelId, code: name, name, reviewAt }), system);
      }
      const accounts = (work: 'review' | 'removal', after = 0, limit = 9) =>
        store.listDueTemplateAccounts(work, at, after, limit);
      const channels = (work: 'review' | 'removal', after = '', limit = 9) =>
        store.listDueTemplateChannels(work, accountId, at, after, limit);
      const ids = [accountId, otherId].toSorted((a, b) => a - b);
      assert.deepEqual(await accounts('review'), ids);
      assert.deepEqual(await accounts('review', 0, 1), ids.slice(0, 1));
      assert.deepEqual(await accounts('review', ids[0]), ids.slice(1));
      assert.deepEqual(await channels('review'), ['B', 'b']);
      assert.deepEqual([await channels('review', '', 1), await channels('review', 'B')], [['B'], ['b']]);
      assert.deepEqual([await accounts('removal'), await channels('removal')], [[], []]);
      for (const channelId of ['b', 'c'])
        await store.deleteTemplate(accountId, channelId, channelId === 'b' ? 'one' : 'later', null, system);
      assert.deepEqual([await accounts('removal'), await channels('removal')], [[accountId], ['b', 'c']]);
    }),
  );

  test(
    'deleteTemplate: a template is deleted once, in all its languages if none is named, by its account alone',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId, clock } = fixture;
      await add(fixture, toNew(fixture, { reviewAt: null }));
      await add(fixture, toNew(fixture, { language: 'de', reviewAt: null }));
      assert.equal(await store.deleteTemplate(otherId, channelId, 'c1', null, system), 0);
      assert.deepEqual(await store.claimRemovals(fixture, 10, clock.now(), minute), []);
      assert.equal(await store.deleteTemplate(accountId, channelId, 'c1', null, system), 2);
      assert.equal(await store.deleteTemplate(accountId, channelId, 'c1', null, system), 0);
      assert.deepEqual(await store.findTemplates(accountId, {}), []);
    }),
  );

  test(
    'claimRemovals: a deleted template is still to be deleted at its channel, until that has done it',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      const claim = () => store.claimRemovals(fixture, 10, clock.now(), minute);
      const [german, english] = await deleteTwoLanguages(fixture);
      const { lease } = german;
      const common = { accountId, channelId: fixture.channelId, code: 'c1', name: 'hello', offered: [] };
      assert.deepEqual(
        [german, english],
        [
          { ...common, attempts: 0, lease, language: 'de', vendorId: null },
          { ...common, attempts: 0, lease, language: 'en', vendorId: 'v1' },
        ],
      );
      assert.deepEqual(await claim(), []);
      await store.settleRemoval(german, { kind: 'over' });
      await store.settleRemoval(english, { kind: 'retry', dueAt: clock.now() + 2 * minute });
      clock.advance(minute);
      assert.deepEqual(await claim(), []);
      clock.advance(minute);
      const [again, ...others] = await claim();
      assert.notEqual(need(again).lease, lease);
      assert.deepEqual([again, others], [{ ...english, attempts: 1, lease: need(again).lease }, []]);
      await store.settleRemoval(need(again), { kind: 'over' });
      clock.advance(minute);
      assert.deepEqual(await claim(), []);
    }),
  );

  test(
    'claimReviews: one that is made again under the name of a deleted template waits until that is deleted at its channel, in its language alone',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const [german, english] = await deleteTwoLanguages(fixture);
      await add(fixture, toNew(fixture, { code: 'c2' }));
      await add(fixture, toNew(fixture, { code: 'c2', language: 'fr' }));
      const claim = async () =>
        (await store.claimReviews(fixture, 10, clock.now(), second)).map(({ language }) => language);
      assert.deepEqual(await claim(), ['fr']);
      await store.settleRemoval(german, { kind: 'over' });
      await store.settleRemoval(english, { kind: 'retry', dueAt: clock.now() + 2 * minute });
      clock.advance(2 * minute);
      assert.equal((await claim()).includes('en'), false);
      const [again] = await store.claimRemovals(fixture, 10, clock.now(), minute);
      await store.settleRemoval(need(again), { kind: 'over' });
      clock.advance(minute);
      assert.equal((await claim()).includes('en'), true);
    }),
  );

  test(
    'deleteTemplate: a template that is deleted again before its channel has deleted the first is deleted there once, under the id that is known',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      await add(fixture, toNew(fixture, { vendorId: 'v1' }));
      await store.deleteTemplate(accountId, channelId, 'c1', 'en', system);
      await add(fixture, toNew(fixture));
      await store.deleteTemplate(accountId, channelId, 'c1', 'en', system);
      const removals = await store.claimRemovals(fixture, 10, clock.now(), minute);
      assert.deepEqual(
        removals.map(({ vendorId }) => vendorId),
        ['v1'],
      );
    }),
  );
}
