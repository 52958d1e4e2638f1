// The simulated Meta channels: how they post, what they refuse, and what they tell of code that takes what it should not.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { openSimulator } from '../../src/simulators/simulator.ts';
import type { Vendor } from '../../src/simulators/simulator.ts';
import { instagram, messenger } from '../../src/simulators/messaging/vendor.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { openReceiver } from '../support/receiver.ts';
import type { ReceivedCall } from '../support/receiver.ts';
import { waitUntil } from '../support/service.ts';
import { openLocalClient } from '../support/client.ts';

const client = openLocalClient({ egressAllow: ['127.0.0.1'] });
after(() => client.close());

const token = 'EAAsimulatedAccessToken';
const actions = { whatsapp: 'message', messenger: 'say', instagram: 'say' } as const;
const accounts = {
  whatsapp: '100000000000001',
  messenger: '300000000000001',
  instagram: '17840000000000001',
};

interface Entry {
  readonly id: string;
  readonly changes?: readonly { readonly value: { readonly messages?: readonly object[] } }[];
  readonly messaging?: readonly object[];
}

async function open(
  t: TestContext,
  vendor: Vendor,
  more: {
    faults?: Record<string, number>;
    options?: Record<string, string>;
    speed?: number;
    status?: (call: ReceivedCall, n: number) => number;
  } = {},
) {
  let posts = 0;
  const hook = await openReceiver((call, response, { method }) => {
    const challenge = /hub\.challenge=(\d+)/.exec(call.path)?.[1];
    if (method === 'GET') response.end(challenge);
    else response.writeHead(more.status?.(call, (posts += 1)) ?? 200).end();
  });
  const silent = Object.fromEntries(Object.keys(vendor.faults).map((name) => [name, 0]));
  const simulator = await openSimulator(vendor, {
    client,
    speed: more.speed ?? 100,
    faults: { ...silent, ...more.faults },
    options: { 'webhook-url': `${hook.url}/hook`, ...more.options },
  });
  t.after(async () => {
    await simulator.close();
    await hook.close();
  });
  const name = vendor.name as keyof typeof actions;
  let users = 0;
  return {
    hook,
    simulator,
    /** A user writes something beyond ASCII. */
    say: async () => {
      const from = `2400000000${(users += 1)}`;
      const text = 'Привіт 👋';
      await simulator.act(
        actions[name],
        name === 'whatsapp' ? { from, type: 'text', text: { body: text } } : { from, text },
      );
    },
    notes: () => simulator.ledger.list().flatMap(({ kind, text }) => (kind === 'noted' ? [text] : [])),
  };
}

function isSigned({ headers, body }: ReceivedCall): boolean {
  const hex = createHmac('sha256', 'simulated-app-secret').update(body).digest('hex');
  return headers['x-hub-signature-256'] === `sha256=${hex}`;
}

function readEntries({ body }: ReceivedCall): readonly Entry[] {
  return (JSON.parse(body) as { entry: readonly Entry[] }).entry;
}

/** Events of a webhook, strangers left out. */
function countEvents(call: ReceivedCall): number {
  return readEntries(call).reduce(
    (sum, { changes = [], messaging = [] }) => sum + changes.length + messaging.length,
    0,
  );
}

for (const vendor of [whatsapp, messenger, instagram]) {
  const name = vendor.name as keyof typeof accounts;
  describe(`the simulated ${vendor.name} posts`, () => {
    it('signed over the bytes, with its text as escapes', async (t) => {
      const { hook, say } = await open(t, vendor);
      await say();
      await hook.waitFor(1);
      const [call] = hook.calls;
      assert.ok(call);
      assert.ok(isSigned(call));
      assert.match(call.body, /\\u041f\\u0440/);
      assert.deepEqual(
        readEntries(call).map(({ id }) => id),
        [accounts[name]],
      );
    });

    it('with its text as it is', async (t) => {
      const { hook, say } = await open(t, vendor, { faults: { unescaped: 1 } });
      await say();
      await hook.waitFor(1);
      const [call] = hook.calls;
      assert.ok(call);
      assert.ok(isSigned(call));
      assert.match(call.body, /Привіт 👋/);
    });

    it("with somebody else's event before its own", async (t) => {
      const { hook, say } = await open(t, vendor, { faults: { stranger: 1 } });
      await say();
      await hook.waitFor(1);
      const [call] = hook.calls;
      assert.ok(call);
      assert.ok(isSigned(call));
      assert.deepEqual(
        readEntries(call).map(({ id }) => id),
        ['999999999999999', accounts[name]],
      );
    });

    it('with a wrong signature first, and tells of whoever takes it', async (t) => {
      const { hook, simulator, say, notes } = await open(t, vendor, {
        faults: { 'bad-signature': 1 },
        status: (call) => (isSigned(call) ? 200 : 401),
      });
      await say();
      await hook.waitFor(2);
      await simulator.idle();
      assert.deepEqual(hook.calls.map(isSigned).sort(), [false, true]);
      assert.deepEqual(notes(), []);

      const careless = await open(t, vendor, { faults: { 'bad-signature': 1 } });
      await careless.say();
      await waitUntil('it is told', 60_000, () =>
        careless.notes().includes('A wrong signature was accepted.'),
      );
    });

    it('again when it is refused, in other groups', async (t) => {
      const { hook, simulator, say } = await open(t, vendor, {
        speed: 1,
        status: (_call, n) => (n === 1 ? 500 : 200),
      });
      for (let n = 0; n < 10; n += 1) await say();
      await hook.waitFor(3);
      await simulator.idle();
      assert.deepEqual(hook.calls.map(countEvents), [10, 5, 5]);
    });

    it('twice', async (t) => {
      const { hook, simulator, say } = await open(t, vendor, { faults: { duplicate: 1 } });
      await say();
      await hook.waitFor(2);
      await simulator.idle();
      assert.equal(hook.calls.length, 2);
      assert.equal(hook.calls[0]?.body, hook.calls[1]?.body);
    });

    it('a thousand events at once', async (t) => {
      const { hook, simulator, say } = await open(t, vendor, { speed: 1 });
      for (let n = 0; n < 1001; n += 1) await say();
      await hook.waitFor(2);
      await simulator.idle();
      const counts = hook.calls.map(countEvents);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        1001,
      );
      assert.ok(Math.max(...counts) <= 1000);
    });

    it('nowhere that does not answer the handshake, and tells of what takes any verify token', async (t) => {
      const { hook, simulator, notes } = await open(t, vendor, { options: { 'webhook-url': '' } });
      const subscribe = (url: string) =>
        request(
          name === 'whatsapp'
            ? `${simulator.address}/v25.0/${accounts.whatsapp}/subscribed_apps`
            : `${simulator.address}/v25.0/1/subscriptions`,
          {
            method: 'POST',
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            body: JSON.stringify({ override_callback_uri: url, callback_url: url, verify_token: 'mine' }),
          },
        );
      assert.equal((await subscribe(`${simulator.address}/nothing-here`)).statusCode, 400);
      assert.deepEqual(notes(), []);
      assert.equal((await subscribe(`${hook.url}/hook`)).statusCode, 200);
      assert.deepEqual(notes(), ['A wrong verify token was accepted.']);
    });
  });
}

describe('the simulated WhatsApp keeps', () => {
  async function send(address: string, to: string, more: object = { type: 'text', text: { body: 'hi' } }) {
    const answer = await request(`${address}/v25.0/200000000000001/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ messaging_product: 'whatsapp', to, ...more }),
    });
    const json = (await answer.body.json()) as { error?: { code: number } };
    return json.error?.code ?? 0;
  }

  it('the id that a user has by a number as it was before its country changed numbers', async (t) => {
    const { simulator, hook } = await open(t, whatsapp);
    for (const [written, told] of [
      ['5511987650001', '551187650001'],
      ['+52 55 8765 0001', '5215587650001'],
      ['541187650001', '5491187650001'],
      ['551133330001', '551133330001'],
      ['15550002222', '15550002222'],
    ] as const) {
      const answer = await request(`${simulator.address}/v25.0/200000000000001/messages`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          messaging_product: 'whatsapp',
          to: written,
          type: 'text',
          text: { body: 'hi' },
        }),
      });
      const { contacts } = (await answer.body.json()) as { contacts: unknown };
      assert.deepEqual(contacts, [{ input: written, wa_id: told }]);
      await waitUntil(`a status of ${told}`, 60_000, () =>
        hook.calls.some(({ body }) => body.toString().includes(`"recipient_id":"${told}"`)),
      );
    }
  });

  it('the limit of a pair, while others go on', async (t) => {
    const { simulator } = await open(t, whatsapp, { options: { 'pair-burst': '3' } });
    const codes = [];
    for (let n = 0; n < 4; n += 1) codes.push(await send(simulator.address, '15550002222'));
    assert.deepEqual(codes, [0, 0, 0, 131056]);
    assert.equal(await send(simulator.address, '15550003333'), 0);
  });

  it('the limit of a number', async (t) => {
    const { simulator } = await open(t, whatsapp, { options: { 'number-rate': '1' } });
    const codes = [];
    for (let n = 0; n < 6; n += 1) codes.push(await send(simulator.address, `1555000${1000 + n}`));
    assert.ok(codes.includes(0) && codes.includes(130429), codes.join());
  });

  it('the 24 hours of a conversation', async (t) => {
    const { simulator, hook } = await open(t, whatsapp, { options: { window: 'on' } });
    const isTold = (pattern: RegExp) => () => hook.calls.some(({ body }) => pattern.test(body));
    assert.equal(await send(simulator.address, '15550002222'), 0);
    await waitUntil('it fails', 60_000, isTold(/"status":"failed".*"code":131047/));
    await simulator.act('message', { from: '15550003333' });
    assert.equal(await send(simulator.address, '15550003333'), 0);
    await waitUntil('it is delivered', 60_000, isTold(/"status":"delivered"/));
  });

  it('files for those with the token, at addresses that die', async (t) => {
    // Five minutes take three tenths of a second.
    const { simulator } = await open(t, whatsapp, { speed: 1000 });
    const call = (url: string, method: 'GET' | 'DELETE' = 'GET', bearer = token) =>
      request(url, { method, headers: { authorization: `Bearer ${bearer}` } });
    const part = '--a-boundary\r\ncontent-disposition: form-data; name=';
    const file = `"file"; filename="a.png"\r\ncontent-type: image/png\r\n\r\na picture\r\n`;
    const uploaded = await request(`${simulator.address}/v25.0/200000000000001/media`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'multipart/form-data; boundary=a-boundary',
      },
      body: `${part}"messaging_product"\r\n\r\nwhatsapp\r\n${part}${file}--a-boundary--\r\n`,
    });
    const { id } = (await uploaded.body.json()) as { id: string };
    const { url } = (await (await call(`${simulator.address}/v25.0/${id}`)).body.json()) as { url: string };
    assert.equal((await call(url, 'GET', 'another')).statusCode, 401);
    await waitUntil('the address is dead', 60_000, async () => (await call(url)).statusCode === 404);
    assert.equal((await call(`${simulator.address}/v25.0/${id}`, 'DELETE')).statusCode, 200);
    assert.equal((await call(`${simulator.address}/v25.0/${id}`)).statusCode, 400);
  });

  it('to its errors when it is asked for one', async (t) => {
    const { simulator } = await open(t, whatsapp);
    for (const code of [190, 368, 131026, 132001, 133010, 777001]) {
      await simulator.act('fail-next', { code });
      assert.equal(await send(simulator.address, '15550002222'), code);
    }
    await simulator.act('expire-token', {});
    assert.equal(await send(simulator.address, '15550002222'), 190);
  });

  it('our own data in every status of a message', async (t) => {
    const { simulator, hook } = await open(t, whatsapp, { options: { reads: '1' } });
    const text = { type: 'text', text: { body: 'hi' }, biz_opaque_callback_data: 'ours-7' };
    assert.equal(await send(simulator.address, '15550002222', text), 0);
    const statuses = () => hook.calls.flatMap(({ body }) => body.match(/"status":"\w+"/g) ?? []);
    await waitUntil('it is read', 60_000, () => statuses().includes('"status":"read"'));
    assert.deepEqual(
      new Set(statuses()),
      new Set(['sent', 'delivered', 'read'].map((s) => `"status":"${s}"`)),
    );
    const marks = hook.calls.flatMap(({ body }) => body.match(/"biz_opaque_callback_data":"ours-7"/g) ?? []);
    assert.equal(marks.length, statuses().length);
  });
});

for (const vendor of [messenger, instagram])
  it(`${vendor.name} echoes what a human answers in the inbox`, async (t) => {
    const { hook, simulator } = await open(t, vendor);
    await simulator.act('inbox', { to: '24000000009', text: 'On its way' });
    await waitUntil('the echo is posted', 60_000, async () => hook.calls.some(({ body }) => body !== ''));
    const call = hook.calls.find(({ body }) => body !== '');
    const { entry } = JSON.parse(call?.body ?? '') as { entry: readonly Entry[] };
    const own = accounts[vendor.name as keyof typeof accounts];
    assert.partialDeepStrictEqual(entry[0]?.messaging?.[0], {
      sender: { id: own },
      recipient: { id: '24000000009' },
      message: { is_echo: true, text: 'On its way' },
    });
  });
