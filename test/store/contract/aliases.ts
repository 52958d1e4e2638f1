import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  forever,
  isOfUser,
  isToUser,
  toAlias,
  toAliases,
  toAliasesOf,
  toMove,
} from '../../../src/domain/alias.ts';
import type { Spelling } from '../../../src/domain/alias.ts';
import { toIdTime } from '../../../src/domain/ids.ts';
import { toOutboundLane } from '../../../src/domain/message.ts';
import type { EndUser } from '../../../src/domain/receipt.ts';
import { day, inbound, minute, need, record, toId, withStore } from './fixture.ts';
import type { Fixture, OpenStore } from './fixture.ts';
import { find, outbound } from './outbound-fixture.ts';

const system = { kind: 'system', id: 'test' } as const;
const page = { limit: 100 };
/** A number as the business writes it, and as the channel does. */
const written = '5511987650001';
const told = '551187650001';
const userId = 'BR.1349000000000001';
const other = 'BR.1349000000000002';

async function tell({ store, accountId, channelId, clock }: Fixture, a: string, b: string, at = clock.now()) {
  await store.tellAliases(accountId, [need(toAlias(channelId, a, b, at))]);
}

async function idsOf({ store, accountId }: Fixture, id: string, channelId?: string): Promise<string[]> {
  const key = { userId: id, ...(channelId === undefined ? {} : { channelId }) };
  return [...new Set((await store.findSpellings(accountId, key)).map((one) => one.id))].toSorted();
}

/** Adds a message to each; resolves to their ids. */
async function add(fixture: Fixture, ...to: string[]) {
  const expiresAt = fixture.clock.now() + day;
  const messages = to.map((recipient) => outbound(fixture, recipient, { expiresAt }));
  return (await fixture.store.addOutbound(fixture.accountId, messages)).map(({ id }) => id);
}

async function claim({ store, accountId, channelId, senderId, clock }: Fixture): Promise<number[]> {
  const wish = { accountId, channelId, senderId, limit: 10, now: clock.now(), leaseMs: minute };
  return (await store.claimOutbound(wish)).map(({ message }) => message.id);
}

/** Ends a message; `recipient` is what the answer called it. */
async function accept(fixture: Fixture, id: number, ...recipient: string[]): Promise<void> {
  const { store, accountId, channelId, clock } = fixture;
  const { to } = await find(fixture, id);
  const attempt = { at: clock.now(), durationMs: 1, outcome: 'accepted', code: '', text: '' } as const;
  const next = { kind: 'accepted', channelMessageId: `w${id}`, nextStepAt: null } as const;
  const aliases = toAliases(channelId, [to, ...recipient], clock.now());
  await store.settleOutbound([{ accountId, id, attempt, next, aliases }]);
}

/** Records what a user wrote, with what that tells of the user's ids. */
async function write(
  fixture: Fixture,
  name: string,
  user: EndUser,
  occurredAt = fixture.clock.now(),
): Promise<void> {
  const facts = { type: 'ChatAppInbound', messageId: name, kind: 'text', user } as const;
  const aliases = toAliasesOf(fixture.channelId, user, occurredAt);
  await record(fixture, inbound(fixture, name, { facts, aliases, occurredAt }));
}

/** Which of the receipts still have their content. */
async function whatIsLeft({ store, accountId }: Fixture, ...names: string[]): Promise<string[]> {
  const left: string[] = [];
  for (const name of names)
    if (need(await store.findTimeline(accountId, toId(name))).receipt.content !== null) left.push(name);
  return left;
}

async function listTo({ store, accountId }: Fixture, to: string): Promise<number[]> {
  const { items } = await store.listOutbound(accountId, { to }, page);
  return items.map(({ id }) => id).toSorted((a, b) => a - b);
}

export function aliasContract(open: OpenStore): void {
  test(
    'findSpellings: a user is found by every id that the channel told, of that account and channel alone',
    withStore(open, async (fixture) => {
      const { store, accountId, otherId, channelId } = fixture;
      assert.deepEqual(await store.findSpellings(accountId, { userId: written }), [
        { id: written, isOwn: true, since: 0, until: forever },
      ]);
      await tell(fixture, written, told);
      await tell(fixture, userId, told);
      await tell(fixture, userId, 'BR.ENT.77');
      await tell(fixture, '5521900000000', '5521900000001');
      const all = [written, told, userId, 'BR.ENT.77'].toSorted();
      for (const id of all) assert.deepEqual(await idsOf(fixture, id, channelId), all, id);
      assert.deepEqual(await idsOf(fixture, written), all);
      assert.deepEqual(await idsOf(fixture, written, 'another'), [written]);
      assert.deepEqual(await idsOf({ ...fixture, accountId: otherId }, told), [told]);
    }),
  );

  test(
    'tellAliases: what is told again, twice at once, or as an id of itself changes nothing',
    withStore(open, async (fixture) => {
      await Promise.all([1, 2, 3, 4].map(() => tell(fixture, written, told)));
      fixture.clock.advance(3 * day);
      await tell(fixture, written, told);
      assert.deepEqual(await idsOf(fixture, told), [told, written].toSorted());
      assert.equal(toAlias('c', told, told, 0), undefined);
      assert.equal(toAlias('c', '', told, 0), undefined);
      assert.deepEqual(toAlias('c', userId, told, 0), toAlias('c', told, userId, 0));
    }),
  );

  test(
    'tellAliases: two ids of which only a third is told are one user',
    withStore(open, async (fixture) => {
      await tell(fixture, written, told);
      await tell(fixture, written, userId);
      for (const id of [written, told, userId])
        assert.deepEqual(await idsOf(fixture, id), [written, told, userId].toSorted(), id);
    }),
  );

  test(
    'tellAliases: ids that are told as each other find each other',
    withStore(open, async (fixture) => {
      await tell(fixture, 'a', 'b');
      await tell(fixture, 'b', 'a');
      assert.deepEqual(await idsOf(fixture, 'a'), ['a', 'b']);
      const [first, second] = await add(fixture, 'a', 'b');
      assert.ok(first !== undefined && second !== undefined);
    }),
  );

  test(
    'tellAliases: a number that another user has by now shows each of them what was theirs',
    withStore(open, async (fixture) => {
      const { store, accountId, clock } = fixture;
      await write(fixture, 'm1', { id: told, phone: told, userId });
      await tell(fixture, written, told);
      const [old] = await add(fixture, told);
      clock.advance(day);
      await write(fixture, 'm2', { id: told, phone: told, userId: other });
      clock.advance(minute);
      const [young] = await add(fixture, told);
      const of = (id: string) => store.findSpellings(accountId, { userId: id });
      const sees = (spellings: readonly Spelling[]) => ({
        outbound: [old, young].map((id) => isToUser(spellings, told, toIdTime(id ?? 0))),
        // A receipt that names a user is that one's, whatever its number and whenever it came.
        named: [userId, other].map((one) =>
          isOfUser(spellings, { id: told, phone: told, userId: one }, clock.now()),
        ),
      });
      assert.deepEqual(sees(await of(userId)), { outbound: [true, false], named: [true, false] });
      assert.deepEqual(sees(await of(other)), { outbound: [false, true], named: [false, true] });
      assert.deepEqual(await listTo(fixture, userId), [old]);
      assert.deepEqual(await listTo(fixture, other), [young]);
      assert.deepEqual(await listTo(fixture, written), [old, young]);
      await store.eraseContent(accountId, { userId }, page, system);
      assert.deepEqual(await whatIsLeft(fixture, 'm1', 'm2'), ['m2']);
      assert.deepEqual(await listTo(fixture, other), [young]);
      // What is told late of an earlier time does not give the number back.
      await tell(fixture, told, userId, clock.now() - 2 * day);
      assert.deepEqual(await idsOf(fixture, written), [other, told, written].toSorted());
    }),
  );

  for (const [what, withIds] of [
    ['numbers alone', false],
    ['lasting ids too', true],
  ] as const)
    test(
      `tellAliases: a user who changed numbers keeps what was before, and takes nothing of strangers: with ${what}`,
      withStore(open, async (fixture) => {
        const { store, accountId, channelId, clock } = fixture;
        const [left, taken] = ['15550007771', '15550007772'];
        const as = (phone: string, id: string): EndUser => ({
          ...{ id: phone, phone },
          ...(withIds ? { userId: id } : {}),
        });
        const move = async (at = clock.now()) =>
          store.tellAliases(accountId, [need(toMove(channelId, left, taken, at))]);
        // Somebody else had the new number before.
        await write(fixture, 'earlier', as(taken, 'US.90'));
        const [toEarlier] = await add(fixture, taken);
        await write(fixture, 'before', as(left, 'US.1'));
        const [toLeft] = await add(fixture, left);
        clock.advance(day);
        await move();
        clock.advance(minute);
        // The user writes on, and somebody else has the old number by now.
        if (withIds) await tell(fixture, 'US.1', 'US.2');
        await write(fixture, 'after', as(taken, 'US.2'));
        await write(fixture, 'stranger', as(left, 'US.91'));
        const [toTaken, toStranger] = await add(fixture, taken, left);
        // The channel tells it again, and what was said before the change comes late.
        await move(clock.now() - minute);
        await write(fixture, 'late', as(left, 'US.1'), clock.now() - 2 * minute);
        await write(fixture, 'again', as(taken, 'US.2'));
        const names = ['earlier', 'before', 'late', 'after', 'again', 'stranger'];
        const of = withIds ? 'US.2' : taken;
        const mine = withIds ? [toLeft, toTaken] : [toEarlier, toLeft, toTaken];
        assert.deepEqual(await listTo(fixture, of), mine);
        assert.ok(!(await listTo(fixture, taken)).includes(need(toStranger)));
        if (withIds) {
          assert.deepEqual(await listTo(fixture, 'US.1'), mine);
          assert.deepEqual(await listTo(fixture, 'US.90'), [toEarlier]);
          assert.deepEqual(await listTo(fixture, 'US.91'), [toStranger]);
        }
        const isTheirs = (spellings: readonly Spelling[], at: number) =>
          isOfUser(spellings, { id: left, phone: left }, at);
        const found = await store.findSpellings(accountId, { userId: of });
        assert.deepEqual(
          [clock.now() - day, clock.now()].map((at) => isTheirs(found, at)),
          [true, false],
        );
        await store.eraseContent(accountId, { userId: of }, page, system);
        assert.deepEqual(
          await whatIsLeft(fixture, ...names),
          withIds ? ['earlier', 'stranger'] : ['stranger'],
        );
      }),
    );

  test(
    'tellAliases: a user who changes numbers twice is found by the last one for all of the time',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      const numbers = ['15550007771', '15550007772', '15550007773'];
      const write = async (n: number): Promise<number> => need((await add(fixture, need(numbers[n])))[0]);
      const move = (n: number) =>
        store.tellAliases(accountId, [
          need(toMove(channelId, need(numbers[n - 1]), need(numbers[n]), clock.now())),
        ]);
      const own: number[] = [await write(0)];
      for (const n of [1, 2]) {
        clock.advance(day);
        await move(n);
        clock.advance(minute);
        own.push(await write(n));
      }
      await Promise.all([write(0), write(1)]);
      assert.deepEqual(await listTo(fixture, '15550007773'), own);
      // Whoever asks by a number that was left asks for that number.
      assert.equal((await listTo(fixture, '15550007771')).length, 2);
    }),
  );

  test(
    'tellAliases: the channel’s own spelling of a number changes hands with it',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId, clock } = fixture;
      await tell(fixture, written, told);
      const [first] = await add(fixture, written);
      const [second] = await add(fixture, told);
      clock.advance(day);
      await store.tellAliases(accountId, [need(toMove(channelId, told, '15550007772', clock.now()))]);
      clock.advance(minute);
      await add(fixture, written, told);
      assert.deepEqual(await listTo(fixture, '15550007772'), [first, second]);
    }),
  );

  test(
    'tellAliases: of those who had a number before, only some are remembered',
    withStore(open, async (fixture) => {
      for (let n = 0; n < 30; n += 1) {
        fixture.clock.advance(minute);
        await tell(fixture, told, `BR.9${n}`);
      }
      assert.deepEqual(await idsOf(fixture, told), ['BR.929', told].toSorted());
      const before: string[] = [];
      for (let n = 0; n < 29; n += 1)
        if ((await idsOf(fixture, `BR.9${n}`)).length > 1) before.push(`BR.9${n}`);
      assert.deepEqual(
        before,
        Array.from({ length: 8 }, (_, n) => `BR.9${n + 21}`),
      );
    }),
  );

  test(
    'eraseContent: erasing one id erases what was written and sent under all, and forgets them',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      for (const asked of [written, told, userId]) {
        const [sent] = await add(fixture, written);
        assert.deepEqual(await claim(fixture), [sent]);
        await accept(fixture, need(sent), told);
        await write(fixture, `${asked}/1`, { id: told, phone: told, userId });
        await write(fixture, `${asked}/2`, { id: userId, userId });
        await write(fixture, `${asked}/3`, { id: '15550001234', phone: '15550001234' });
        const wish = { userId: asked };
        const count = await store.countErasable(accountId, wish, page);
        const whole = { media: 0, apart: 0, unreadable: 0, next: null };
        assert.deepEqual(count, { receipts: 2, messages: 1, ...whole }, asked);
        const erased = await store.eraseContent(accountId, wish, page, system);
        assert.deepEqual([erased.receipts, erased.messages], [2, 1], asked);
        assert.deepEqual(await whatIsLeft(fixture, `${asked}/1`, `${asked}/2`, `${asked}/3`), [`${asked}/3`]);
        assert.equal((await find(fixture, need(sent))).envelope.content, undefined);
        for (const id of [written, told, userId]) assert.deepEqual(await idsOf(fixture, id), [id], asked);
      }
    }),
  );

  test(
    'eraseContent: an erasure in steps knows all ids to its end, and for as long as a message is still to be sent',
    withStore(open, async (fixture) => {
      const { store, accountId } = fixture;
      await tell(fixture, written, told);
      for (const name of ['m1', 'm2', 'm3']) await write(fixture, name, { id: told, phone: told });
      const [waiting] = await add(fixture, written);
      let cursor: string | undefined;
      let receipts = 0;
      do {
        const step = { limit: 1, ...(cursor === undefined ? {} : { cursor }) };
        const erased = await store.eraseContent(accountId, { userId: written }, step, system);
        receipts += erased.receipts;
        cursor = erased.next ?? undefined;
      } while (cursor !== undefined);
      assert.equal(receipts, 3);
      assert.equal((await idsOf(fixture, told)).length, 2);
      await claim(fixture);
      await accept(fixture, need(waiting));
      const later = await store.eraseContent(accountId, { userId: told }, page, system);
      assert.equal(later.messages, 1);
      assert.deepEqual(await idsOf(fixture, told), [told]);
    }),
  );

  test(
    'eraseMessages: what a user takes back goes under whichever id it was written',
    withStore(open, async (fixture) => {
      const { store, accountId, channelId } = fixture;
      await write(fixture, 'm1', { id: told, phone: told });
      await tell(fixture, told, userId);
      await store.eraseMessages(accountId, { userId, channelId }, ['m1']);
      assert.deepEqual(await whatIsLeft(fixture, 'm1'), []);
    }),
  );

  test(
    'claimOutbound: messages to one user are sent in order whatever id each names',
    withStore(open, async (fixture) => {
      const { channelId, senderId } = fixture;
      await tell(fixture, written, told);
      await tell(fixture, told, userId);
      const [a, b, c, d] = await add(fixture, written, told, userId, '15550001234');
      assert.deepEqual(await claim(fixture), [a, d]);
      assert.equal((await find(fixture, need(a))).lane, toOutboundLane(channelId, senderId, userId));
      assert.equal((await find(fixture, need(d))).lane, toOutboundLane(channelId, senderId, '15550001234'));
      await accept(fixture, need(a));
      assert.deepEqual(await claim(fixture), [b]);
      await accept(fixture, need(b));
      assert.deepEqual(await claim(fixture), [c]);
    }),
  );

  test(
    'claimOutbound: messages that wait when another id is told are not passed by later ones',
    withStore(open, async (fixture) => {
      const [a, b] = await add(fixture, written, written);
      assert.deepEqual(await claim(fixture), [a]);
      await accept(fixture, need(a), told, userId);
      const [c] = await add(fixture, written);
      assert.deepEqual(await claim(fixture), [b]);
      await accept(fixture, need(b));
      assert.deepEqual(await claim(fixture), [c]);
      await accept(fixture, need(c));
      const [d, e] = await add(fixture, written, userId);
      assert.deepEqual(await claim(fixture), [d]);
      await accept(fixture, need(d));
      assert.deepEqual(await claim(fixture), [e]);
    }),
  );

  test(
    'sweep: aliases that are not told any more are swept long after the receipts',
    withStore(open, async (fixture) => {
      const { store, clock } = fixture;
      const retention = { rawEventMs: day, receiptMs: 30 * day, attemptMs: day, unreadableMs: day };
      const sweep = async () => {
        while ((await store.sweep(retention, clock.now())).rows > 0);
      };
      await tell(fixture, written, told);
      clock.advance(429 * day);
      await sweep();
      assert.equal((await idsOf(fixture, told)).length, 2);
      await tell(fixture, '5521900000000', '5521900000001');
      clock.advance(2 * day);
      await sweep();
      assert.deepEqual(await idsOf(fixture, told), [told]);
      assert.equal((await idsOf(fixture, '5521900000001')).length, 2);
    }),
  );
}
