// Senders added, found and taken away over a real store, as the admin API and CAMS do it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChannelFault, FoundSender } from '../../../src/channels/channel.ts';
import { findSender } from '../../../src/core/channels/ownership.ts';
import { bindPage, registerSender, removeSender, syncNumbers } from '../../../src/core/channels/senders.ts';
import { open, whatsapp } from './bed.ts';

const number = '15550107777';
const messenger = { id: 'pages', type: 'messenger' } as const;
const telling =
  (...told: FoundSender[]) =>
  async () =>
    told;
const toNumber = (id: string, routeId: string, verification: FoundSender['verification'] = 'pending') =>
  ({ id, type: 'whatsapp', name: `No. ${id}`, routeId, verification }) as const;

test('a sender is added under its bare digits, and what is left out of a change stays', async (t) => {
  const { deps, owner, added, connect } = await open(t);
  const channel = await connect(whatsapp);
  const made = await registerSender(deps, owner, channel, { id: `+${number}`, phoneNumberId: '9001' });
  assert.deepEqual([made.isNew, made.sender.id, made.sender.routeId], [true, number, '9001']);
  const changed = await registerSender(deps, owner, channel, { id: number, name: 'Desk' });
  assert.deepEqual([changed.isNew, changed.sender.name, changed.sender.routeId], [false, 'Desk', '9001']);
  assert.deepEqual(added.slice(1), Array(2).fill('whatsapp sender 9001'));
});

test('a sender that cannot be is refused, and nothing is added', async (t) => {
  const { deps, owner, added, connect, find, store, accountId } = await open(t);
  const shop = await connect(whatsapp);
  await registerSender(deps, owner, shop, { id: number, phoneNumberId: '9001' });
  const before = added.length;
  const register = (given: { id: string; phoneNumberId?: string }, channel = shop) =>
    registerSender(deps, owner, channel, given);
  await assert.rejects(register({ id: 'desk', phoneNumberId: '9' }), { field: 'senderId' });
  await assert.rejects(register({ id: '15550108888' }), { field: 'phoneNumberId' });
  await assert.rejects(register({ id: '15550108888', phoneNumberId: '9001' }), { code: 'conflict' });
  await assert.rejects(register({ id: '15550108888' }, await find('sandbox')), { code: 'wrong_state' });
  const absent = { ...owner, expected: { kind: 'absent' } } as const;
  await assert.rejects(registerSender(deps, absent, shop, { id: number }), { code: 'already_exists' });
  assert.equal(added.length, before);
  assert.equal((await store.listSenders(accountId, 'shop')).length, 1);
});

test('a bot of Viber is one sender of its channel', async (t) => {
  const { deps, owner, connect } = await open(t);
  const bot = await connect({ id: 'bot', type: 'viber', credentials: { authToken: 'a' } });
  await registerSender(deps, owner, bot, { id: 'desk' });
  await assert.rejects(registerSender(deps, owner, bot, { id: 'till' }), {
    code: 'conflict',
    message: 'A Viber bot is one sender; its channel has it already.',
  });
});

test('a Page is bound as its channel tells it, and by its id alone where the channel does not', async (t) => {
  const { deps, owner, connect, added } = await open(t);
  const channel = await connect(messenger);
  const told = { id: '77700000001', type: 'messenger', name: 'Shop', routeId: '77700000001' } as const;
  const bind = (id: string, findSenders: () => Promise<readonly FoundSender[] | ChannelFault | undefined>) =>
    bindPage({ ...deps, findSenders }, owner, channel, { id, type: 'messenger' });
  assert.equal((await bind(told.id, telling(told))).name, 'Shop');
  assert.equal((await bind('77700000002', telling(told))).name, '77700000002');
  assert.equal((await bind('77700000003', async () => undefined)).name, '77700000003');
  const fault = async () => ({ fault: 'auth', reason: 'The token has expired.' }) as const;
  assert.equal((await bind('77700000004', fault)).name, '77700000004');
  assert.equal(added.length, 4);
});

test('a Page of another type or of another channel is not bound; a sandbox plays both types', async (t) => {
  const { deps, owner, connect, find } = await open(t);
  const asking = { ...deps, findSenders: telling() };
  const page = { id: '77700000001', type: 'messenger' } as const;
  await bindPage(asking, owner, await connect(messenger), page);
  await assert.rejects(bindPage(asking, owner, await find('pages'), { ...page, type: 'instagram' }), {
    reason: 'channel_type',
  });
  const other = await connect({ id: 'other', type: 'messenger' });
  await assert.rejects(bindPage(asking, owner, other, page), { code: 'conflict' });
  for (const type of ['messenger', 'instagram'] as const)
    assert.equal((await bindPage(asking, owner, await find('sandbox'), { id: `7${type}`, type })).type, type);
});

test('numbers that the channel tells are added, and its word on the others is kept', async (t) => {
  const { deps, owner, connect, store, accountId } = await open(t);
  const channel = await connect(whatsapp);
  const elsewhere = await connect({ ...whatsapp, id: 'till', wabaId: '5' });
  await registerSender(deps, owner, channel, { id: number, name: 'Desk', phoneNumberId: '9001' });
  await registerSender(deps, owner, elsewhere, { id: '15550109999', phoneNumberId: '9009' });
  const findSenders = telling(
    toNumber(number, '9001', 'verified'),
    toNumber('15550108888', '9002'),
    toNumber('15550109999', '9009'),
    { id: 'page', type: 'messenger', name: 'Page', routeId: 'page' },
  );
  await syncNumbers({ ...deps, findSenders }, owner, channel);
  const senders = await store.listSenders(accountId, 'shop');
  assert.deepEqual(
    senders.map(({ id, name, verification }) => [id, name, verification]),
    [
      [number, 'Desk', 'verified'],
      ['15550108888', 'No. 15550108888', 'pending'],
    ],
  );
  assert.equal((await findSender(store, accountId, 'till', '15550109999')).channelId, 'till');
});

test('numbers stay as they are where the channel cannot be asked', async (t) => {
  const { deps, owner, connect, store, accountId } = await open(t);
  const channel = await connect(whatsapp);
  for (const answer of [undefined, { fault: 'later', reason: 'Busy.' } as const])
    await syncNumbers({ ...deps, findSenders: async () => answer }, owner, channel);
  assert.deepEqual(await store.listSenders(accountId, 'shop'), []);
});

test('a sender is taken away however its number is written, once', async (t) => {
  const { deps, owner, connect } = await open(t);
  const channel = await connect(whatsapp);
  await registerSender(deps, owner, channel, { id: number, phoneNumberId: '9001' });
  await removeSender(deps, owner, 'shop', `+${number}`);
  await assert.rejects(removeSender(deps, owner, 'shop', number), { code: 'not_found' });
});
