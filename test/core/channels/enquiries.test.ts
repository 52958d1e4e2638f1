// What the settings of a channel tell of whether it can send, without a word of its vendor.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConnections, findObstacles } from '../../../src/core/channels/enquiries.ts';
import { checked } from '../../../src/domain/findings.ts';
import type { CheckCode } from '../../../src/domain/findings.ts';
import type { Channel, ChannelType } from '../../../src/domain/channel.ts';

function find(type: ChannelType, credentials: Record<string, string>, senders: number): readonly string[] {
  const channel = { id: 'shop', accountId: 1, type, credentials, options: {} } as unknown as Channel;
  return findObstacles(channel, senders, 0).map(({ name }) => name);
}

test('a channel sends by a sender and, at Meta, by a token; what it lacks to receive is not in the way', () => {
  const token = { accessToken: 'an-access' };
  assert.deepEqual(find('whatsapp', token, 1), []);
  assert.deepEqual(find('whatsapp', {}, 1), ['accessToken']);
  assert.deepEqual(find('messenger', {}, 0), ['senders', 'accessToken']);
  assert.deepEqual(find('whatsapp', token, 0), ['senders']);
  assert.deepEqual(find('viber', { authToken: 'a-token' }, 1), []);
  assert.deepEqual(find('sandbox', {}, 1), []);
});

/** The findings of a check, of which the vendor gives its own of the app secret. */
async function checkSecret(
  appSecret: string,
  told: { readonly ok: boolean; readonly code: CheckCode },
  { publicUrl = 'https://chasqui.example', vendorUrl = 'https://graph.facebook.com' } = {},
): Promise<Readonly<Record<string, string[]>>> {
  const channel = { id: 'shop', accountId: 1, type: 'whatsapp', credentials: { appSecret }, options: {} };
  const answer = {
    name: 'appSecret',
    ok: told.ok,
    ...checked('app_secret_right', {}),
    code: told.code,
  } as const;
  const connections = createConnections({
    store: { listSenders: async () => [], setSenderVerification: async () => undefined } as never,
    connectors: { whatsapp: { check: async () => [answer] } as never },
    now: () => 0,
    publicUrl: () => publicUrl,
    findVendorUrl: () => vendorUrl,
  });
  const found: Record<string, string[]> = {};
  for (const { name, code } of await connections.check(channel as unknown as Channel))
    (found[name] ??= []).push(code);
  return found;
}

test('each setting is told once: by the vendor, unless it is wrong by its looks and the vendor does not say that it is right', async () => {
  const shaped = 'a'.repeat(32);
  const rows = [
    [shaped, { ok: true, code: 'app_secret_right' }, 'app_secret_right'],
    [shaped, { ok: false, code: 'app_secret_wrong' }, 'app_secret_wrong'],
    ['a', { ok: true, code: 'app_secret_right' }, 'app_secret_right'],
    ['a', { ok: false, code: 'vendor_silent' }, 'app_secret_misshaped'],
  ] as const;
  for (const [secret, told, expected] of rows)
    assert.deepEqual((await checkSecret(secret, told))['appSecret'], [expected]);
});

test('an address inside is good for a vendor inside, which is a simulator, and for no other', async () => {
  const right = { ok: true, code: 'app_secret_right' } as const;
  const inside = 'http://127.0.0.1:8080';
  const look = async (publicUrl: string, vendorUrl: string): Promise<unknown> =>
    (await checkSecret('a', right, { publicUrl, vendorUrl }))['publicUrl'];
  assert.deepEqual(await look(inside, 'http://127.0.0.1:9101'), ['address_simulated']);
  assert.deepEqual(await look(inside, 'https://graph.facebook.com'), ['address_private']);
  assert.deepEqual(await look('http://chasqui.example', 'https://graph.facebook.com'), ['address_private']);
  assert.deepEqual(await look('https://chasqui.example', 'http://127.0.0.1:9101'), ['address_public']);
});
