import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { TestContext } from 'node:test';
import { createInstagramConnector } from '../../../src/channels/instagram/connector.ts';
import { renewToken } from '../../../src/core/channels/renewal.ts';
import { system } from '../../../src/domain/account.ts';
import { openSimulator } from '../../../src/simulators/simulator.ts';
import { instagram } from '../../../src/simulators/messaging/vendor.ts';
import { need } from '../../store/contract/fixture.ts';
import { openTestStore } from '../../support/store.ts';
import { openLocalClient } from '../../support/client.ts';
import { openReceiver } from '../../support/receiver.ts';

const day = 24 * 60 * 60 * 1000;
const client = openLocalClient();
after(() => client.close());

async function open(t: TestContext, accessToken: string) {
  const simulator = await openSimulator(instagram, { client, options: { 'access-token': accessToken } });
  const bed = await openTestStore();
  t.after(async () => {
    await simulator.close();
    await bed.close();
  });
  const { store, clock, accountId } = bed;
  const put = async (token: string): Promise<void> => {
    const credentials = { appSecret: 'simulated-app-secret', verifyToken: 'v', accessToken: token };
    await store.putChannel(
      accountId,
      { id: 'ig', type: 'instagram', name: 'Shop', wabaId: null, credentials, options: {} },
      system,
    );
  };
  await put(accessToken);
  const connector = createInstagramConnector({
    client,
    now: clock.now,
    monotonic: clock.monotonic,
    graphUrl: simulator.address,
    graphVersion: 'v25.0',
    instagramUrl: simulator.address,
  });
  const find = async () => need(await store.findChannel('ig'));
  const renew = async (connectors = { instagram: connector }) =>
    renewToken({ store, connectors, now: clock.now }, await find());
  const countCalls = (): number =>
    simulator.ledger.list().filter(({ subject }) => subject === 'GET /refresh_access_token').length;
  return { ...bed, connector, simulator, put, find, renew, countCalls };
}

test('a token of Instagram login is renewed when half of its life is over, and the old one is given up', async (t) => {
  const { clock, connector, find, renew, countCalls } = await open(t, 'IGAAfirst');
  // Its end was never told, so it is renewed at once; what comes back says how long it lives.
  const channel = await renew();
  assert.equal(channel.credentials['accessToken'], 'IGAAfirstRenewed1');
  assert.deepEqual((await find()).credentials, channel.credentials);
  assert.equal(Date.parse(channel.credentials['accessTokenUntil'] ?? ''), clock.now() + 60 * day);
  const [check] = (await connector.check?.(channel, [], '')) ?? [];
  assert.partialDeepStrictEqual(check, { name: 'token', ok: true, endsAt: clock.now() + 60 * day });
  clock.advance(29 * day);
  await renew();
  assert.equal(countCalls(), 1);
  clock.advance(2 * day);
  assert.equal((await renew()).credentials['accessToken'], 'IGAAfirstRenewed2');
  assert.equal(countCalls(), 2);
});

test('a renewed token is kept whatever life it is said to have, and asked about again within what Meta names', async (t) => {
  for (const [life, days] of [
    [1e30, 60],
    ['99999999999999999999', 60],
    [86_400.5, 1],
  ] as const) {
    const { clock, renew } = await open(t, 'IGAAfirst');
    const receiver = await openReceiver((_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ access_token: 'IGAAodd', expires_in: life }));
    });
    t.after(() => receiver.close());
    const connector = createInstagramConnector({
      client,
      ...clock,
      graphUrl: receiver.url,
      graphVersion: 'v25.0',
      instagramUrl: receiver.url,
    });
    const { credentials } = await renew({ instagram: connector });
    assert.equal(credentials['accessToken'], 'IGAAodd', String(life));
    const leftMs = Date.parse(credentials['accessTokenUntil'] ?? '') - clock.now();
    assert.equal(Math.floor(leftMs / day), days, String(life));
  }
});

test('a token that is refused its renewal stays, and is tried again', async (t) => {
  const { find, renew, simulator } = await open(t, 'IGAAfirst');
  await simulator.act('expire-token', {});
  assert.equal((await renew()).credentials['accessToken'], 'IGAAfirst');
  await simulator.act('renew-token', {});
  assert.equal((await renew()).credentials['accessToken'], 'IGAAfirstRenewed1');
  assert.notEqual((await find()).credentials['appSecret'], undefined);
});

test('a token that somebody replaced while it was renewed stays as they put it', async (t) => {
  const { connector, put, find, renew } = await open(t, 'IGAAfirst');
  const slow = {
    ...connector,
    renewToken: async (...args: Parameters<NonNullable<typeof connector.renewToken>>) => {
      await put('IGAAbyHand');
      return (await connector.renewToken?.(...args)) ?? null;
    },
  };
  assert.equal((await renew({ instagram: slow })).credentials['accessToken'], 'IGAAbyHand');
  assert.equal((await find()).credentials['accessToken'], 'IGAAbyHand');
});

test('a token of Facebook login is never renewed here', async (t) => {
  const { renew, countCalls } = await open(t, 'EAAsimulated');
  assert.equal((await renew()).credentials['accessToken'], 'EAAsimulated');
  assert.equal(countCalls(), 0);
});
