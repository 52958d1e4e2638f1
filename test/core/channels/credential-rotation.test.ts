// New secrets in the place of old ones, over a real store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rotateCredentials } from '../../../src/core/channels/credential-rotation.ts';
import { open, whatsapp } from './bed.ts';

test('an old secret that verifies webhooks is taken along until its time, and no other', async (t) => {
  const { deps, owner, connect, find } = await open(t);
  const channel = await connect(whatsapp);
  const credentials = { appSecret: 'new-secret', accessToken: 'new-access' };
  const rotated = await rotateCredentials(deps, owner, channel, { credentials, overlapMs: 60_000 });
  assert.deepEqual(rotated, {
    rotated: ['appSecret', 'accessToken'],
    kept: ['appSecret'],
    keptUntil: '2026-11-01T00:01:00.000Z',
  });
  assert.deepEqual((await find('shop')).credentials, {
    ...whatsapp.credentials,
    ...credentials,
    appSecretPrevious: 'a-secret',
    appSecretPreviousUntil: '2026-11-01T00:01:00.000Z',
  });
});

test('a secret that is given as it is keeps nothing beside it', async (t) => {
  const { deps, owner, connect } = await open(t);
  const channel = await connect(whatsapp);
  const credentials = { appSecret: whatsapp.credentials.appSecret };
  const { kept, keptUntil } = await rotateCredentials(deps, owner, channel, { credentials, overlapMs: 1 });
  assert.deepEqual([kept, keptUntil], [[], null]);
});

test('no credentials, and those that somebody else changed meanwhile, are not rotated', async (t) => {
  const { deps, owner, connect, find } = await open(t);
  const channel = await connect(whatsapp);
  const rotate = (credentials: Record<string, string>) =>
    rotateCredentials(deps, owner, channel, { credentials, overlapMs: 0 });
  await assert.rejects(rotate({}), { code: 'bad_request', field: 'credentials' });
  await connect({ ...whatsapp, credentials: { accessToken: 'theirs' } });
  await assert.rejects(rotate({ accessToken: 'mine' }), { code: 'changed_meanwhile' });
  assert.equal((await find('shop')).credentials['accessToken'], 'theirs');
});
