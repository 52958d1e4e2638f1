// Channels made, changed and taken away over a real store, as the admin API and CAMS do it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bindWaba,
  connectChannel,
  prepareChannel,
  removeChannel,
  renameChannel,
} from '../../../src/core/channels/channels.ts';
import { versionOfChannel } from '../../../src/domain/version.ts';
import { open, whatsapp } from './bed.ts';

test('a channel is made and changed, and what is left out of a change stays', async (t) => {
  const { deps, owner, added } = await open(t);
  const made = await connectChannel(deps, owner, whatsapp);
  assert.equal(made.isNew, true);
  const changed = await connectChannel(deps, owner, { id: 'shop', type: 'whatsapp', name: 'Support' });
  assert.equal(changed.isNew, false);
  const { name, wabaId, credentials } = changed.channel;
  assert.deepEqual([name, wabaId, credentials], ['Support', whatsapp.wabaId, whatsapp.credentials]);
  assert.deepEqual(added, Array(2).fill('whatsapp waba 102290129340398'));
});

test('a rule that is broken makes and changes nothing', async (t) => {
  const { deps, owner, added, store, accountId, connect } = await open(t);
  const strange = { ...owner, accountId: 1_000_000_000_000_002 };
  await store.createAccount({ id: strange.accountId, name: 'Other' }, owner.actor);
  const known = await connect(whatsapp);
  const { credentials } = whatsapp;
  const connectTo = (given: object) => connectChannel(deps, owner, { ...whatsapp, ...given });
  await assert.rejects(connectChannel(deps, strange, whatsapp), { code: 'conflict' });
  await assert.rejects(connectTo({ type: 'viber' }), { code: 'wrong_state', field: 'type' });
  await assert.rejects(connectTo({ id: 'new', wabaId: null }), { field: 'wabaId' });
  const withoutSecret = { id: 'new', credentials: { verifyToken: 'v' } };
  await assert.rejects(connectTo(withoutSecret), { field: 'credentials.appSecret' });
  await assert.rejects(connectTo({ credentials: { appSecret: null } }), { field: 'credentials.appSecret' });
  await assert.rejects(connectTo({ wabaId: '5', credentials: undefined }), { field: 'wabaId' });
  await assert.rejects(connectTo({ options: { comments: true } }), { field: 'options.comments' });
  await assert.rejects(connectTo({ name: 'two\nlines' }), { field: 'name' });
  const absent = { ...owner, expected: { kind: 'absent' } } as const;
  await assert.rejects(connectChannel(deps, absent, { ...whatsapp, type: 'viber' }), {
    code: 'already_exists',
  });
  const older = { ...owner, expected: { kind: 'versions', versions: ['older'] } } as const;
  await assert.rejects(connectChannel(deps, older, whatsapp), { code: 'changed_meanwhile' });
  const channels = (await store.listChannels(accountId)).filter(({ type }) => type !== 'sandbox');
  assert.deepEqual(channels.map(versionOfChannel), [versionOfChannel(known)]);
  assert.deepEqual(channels[0]?.credentials, credentials);
  assert.equal(added.length, 1);
});

test('a channel is prepared without what it needs, and asked for that when it is connected', async (t) => {
  const { deps, owner, added, connect } = await open(t);
  const given = { id: 'cams-1', type: 'whatsapp', name: 'Shop', wabaId: null } as const;
  const prepared = await prepareChannel(deps, owner, given);
  assert.deepEqual([prepared.wabaId, prepared.credentials], [null, {}]);
  assert.deepEqual(added, []);
  await assert.rejects(connect({ id: 'cams-1', type: 'whatsapp', name: 'Store' }), { field: 'wabaId' });
  const whole = await connect({ ...whatsapp, id: 'cams-1' });
  assert.deepEqual(whole.credentials, whatsapp.credentials);
});

test('every other rule holds for a channel that is prepared', async (t) => {
  const { deps, owner, store, accountId } = await open(t);
  const prepare = (id: string, type: 'sandbox' | 'viber', name = 'Shop') =>
    prepareChannel(deps, owner, { id, type, name, wabaId: null });
  await assert.rejects(prepare('mine', 'sandbox'), { code: 'conflict' });
  await assert.rejects(prepare('sandbox-7', 'viber'), { code: 'conflict' });
  await assert.rejects(prepare('mine', 'viber', 'a\u007f'), { field: 'name' });
  assert.equal((await store.listChannels(accountId)).length, 1);
});

test('a WABA that is bound twice, and at once, has one channel, and what waited for it is read', async (t) => {
  const { deps, owner, added, connect, find } = await open(t);
  const bind = (id: string) => bindWaba(deps, owner, { id, wabaId: '123456789' });
  const [bound, twin] = await Promise.all([bind('cams-1'), bind('cams-2')]);
  assert.equal(bound, twin);
  const { id, type, name, wabaId } = await find(bound);
  assert.deepEqual([id, type, name, wabaId], [bound, 'whatsapp', '123456789', '123456789']);
  assert.equal(await bind('cams-3'), bound);
  await assert.rejects(bindWaba(deps, owner, { id: bound, wabaId: '123456780' }), { code: 'conflict' });
  await assert.rejects(bindWaba(deps, owner, { id: 'sandbox-7', wabaId: '123456780' }), { code: 'conflict' });
  assert.deepEqual(added, ['whatsapp waba 123456789']);
  await connect(whatsapp);
  assert.equal(await bindWaba(deps, owner, { id: 'cams-4', wabaId: whatsapp.wabaId }), 'shop');
});

test('a channel is renamed and taken away, and one that is not there is not', async (t) => {
  const { deps, owner, connect, find } = await open(t);
  const { id } = await connect(whatsapp);
  await renameChannel(deps, owner, { id }, 'Support');
  assert.equal((await find(id)).name, 'Support');
  await assert.rejects(renameChannel(deps, owner, { id }, 'a\tb'), { code: 'bad_request', field: 'name' });
  await assert.rejects(renameChannel(deps, owner, { id: 'till' }, 'Till'), { code: 'not_found' });
  const older = { ...owner, expected: { kind: 'versions', versions: ['older'] } } as const;
  await assert.rejects(removeChannel(deps, older, id), { code: 'changed_meanwhile' });
  await removeChannel(deps, owner, id);
  await assert.rejects(find(id), { code: 'not_found' });
  await assert.rejects(removeChannel(deps, owner, id), { code: 'not_found' });
});
