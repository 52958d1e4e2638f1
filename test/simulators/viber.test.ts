import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { request } from 'undici';
import { openSimulator } from '../../src/simulators/simulator.ts';
import type { Simulator } from '../../src/simulators/simulator.ts';
import { viberBot } from '../../src/simulators/viber/bot.ts';
import { viberBusiness } from '../../src/simulators/viber/business.ts';
import { openReceiver } from '../support/receiver.ts';
import { openLocalClient } from '../support/client.ts';

const client = openLocalClient({ egressAllow: ['127.0.0.1'] });
after(() => client.close());

const noFaults = (vendor: typeof viberBot) =>
  Object.fromEntries(Object.keys(vendor.faults).map((name) => [name, 0]));

async function call(simulator: Simulator, path: string, body: unknown, token = 'simulated-bot-token') {
  const answer = await request(`${simulator.address}${path}`, {
    method: 'POST',
    headers: { 'x-viber-auth-token': token },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  return { code: answer.statusCode, text, status: Number(/"status":(\d+)/.exec(text)?.[1]) };
}

describe('the simulated Viber bot', () => {
  async function open(faults: Record<string, number> = {}) {
    const simulator = await openSimulator(viberBot, {
      client,
      speed: 1000,
      faults: { ...noFaults(viberBot), ...faults },
    });
    const users = (await simulator.act('users', {})) as { id: string }[];
    const send = (more: object = {}, token?: string) =>
      call(
        simulator,
        '/pa/send_message',
        { receiver: users[0]?.id, sender: { name: 'Shop' }, type: 'text', text: 'hi', ...more },
        token,
      );
    return { simulator, users, send };
  }

  it('posts its probe during set_webhook, and takes a url that answers 200 only', async () => {
    const { simulator, send } = await open();
    let status = 500;
    const receiver = await openReceiver((_call, response) => {
      response.statusCode = status;
      response.end();
    });
    try {
      assert.equal((await send()).status, 10);
      const set = { url: `${receiver.url}/hook`, event_types: ['delivered'] };
      assert.equal((await call(simulator, '/pa/set_webhook', set)).status, 1);
      status = 200;
      assert.equal((await call(simulator, '/pa/set_webhook', set)).status, 0);
      const probe = receiver.calls.at(-1);
      assert.match(probe?.body ?? '', /"event":"webhook"/);
      const signature = createHmac('sha256', 'simulated-bot-token')
        .update(probe?.body ?? '')
        .digest('hex');
      assert.equal(probe?.headers['x-viber-content-signature'], signature);
      const { text } = await call(simulator, '/pa/get_account_info', {});
      assert.match(text, new RegExp(`"webhook":"${receiver.url}/hook","event_types":\\["delivered"\\]`));
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('answers everything with HTTP 200 and its own status', async () => {
    const { simulator, users, send } = await open();
    const receiver = await openReceiver();
    try {
      await call(simulator, '/pa/set_webhook', { url: receiver.url });
      await simulator.act('unsubscribe', { user: users[1]?.id });
      const answers = [
        await send({}, 'wrong'),
        await send({ receiver: 'nobody==' }),
        await send({ receiver: users[1]?.id }),
        await send({ type: 'text', text: '' }),
        await send({ type: undefined }),
        await send({ text: 'x'.repeat(31_000) }),
        await send(),
      ];
      assert.deepEqual(
        answers.map(({ code, status }) => [code, status]),
        [2, 5, 6, 3, 4, 3, 0].map((status) => [200, status]),
      );
      const token = /"message_token":(\d+)/.exec(answers.at(-1)?.text ?? '')?.[1] ?? '';
      assert.ok(BigInt(token) > 2n ** 53n);
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('lets a user who does not answer get 100 messages an hour', async () => {
    const { simulator, users, send } = await open();
    const receiver = await openReceiver();
    try {
      await call(simulator, '/pa/set_webhook', { url: receiver.url, event_types: [] });
      const statuses: number[] = [];
      for (let count = 0; count < 101; count += 1) statuses.push((await send()).status);
      assert.deepEqual([statuses.at(99), statuses.at(100)], [0, 12]);
      await simulator.act('message', { user: users[0]?.id });
      assert.equal((await send()).status, 0);
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('plays its faults: twice, seen alone, failed after 0', async () => {
    const expected: [string, string[]][] = [
      ['delivered-twice', ['delivered', 'delivered']],
      ['seen-alone', ['seen']],
      ['failed-later', ['failed']],
    ];
    for (const [fault, events] of expected) {
      const { simulator, send } = await open({ [fault]: 1 });
      const receiver = await openReceiver();
      try {
        await call(simulator, '/pa/set_webhook', { url: receiver.url });
        await send();
        await simulator.idle();
        const seen = receiver.calls.map(({ body }) => /"event":"(\w+)"/.exec(body)?.[1]).slice(1);
        assert.deepEqual(seen.slice(0, events.length).sort(), events, fault);
      } finally {
        await simulator.close();
        await receiver.close();
      }
    }
  });

  it('tells of a receiver that takes a wrong signature', async () => {
    const { simulator } = await open({ 'bad-signature': 1 });
    const receiver = await openReceiver();
    try {
      await call(simulator, '/pa/set_webhook', { url: receiver.url });
      await simulator.act('message', {});
      await simulator.idle();
      assert.ok(simulator.ledger.list().some(({ text }) => text === 'A wrong signature was accepted.'));
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });

  it('shows the welcome that answers the start of a conversation', async () => {
    const { simulator } = await open();
    const welcome = '{"type":"text","text":"Welcome"}';
    const receiver = await openReceiver((_call, response) => response.end(welcome));
    try {
      await call(simulator, '/pa/set_webhook', { url: receiver.url });
      const started = (await simulator.act('start', {})) as { welcome: string };
      assert.equal(started.welcome, welcome);
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });
});

describe('the simulated Viber Business Messages', () => {
  const message = { '#txt': 'hi', '#tracking_data': 't' };
  const base = { service_id: 42, dest: '15552000000', type: 206, label: 'transactional', message };

  async function open(options: Record<string, string> = {}, faults: Record<string, number> = {}) {
    const simulator = await openSimulator(viberBusiness, {
      client,
      speed: 1000,
      options,
      faults: { ...noFaults(viberBusiness), ...faults },
    });
    let seq = 0;
    const send = (more: object = {}) =>
      call(simulator, '/vibersrvc/1/send_message', { ...base, seq: (seq += 1), ...more });
    return { simulator, send };
  }

  it('knows its service, its numbers, its labels and its own repeats', async () => {
    const { simulator, send } = await open();
    try {
      const answers = [
        await send(),
        await send({ seq: 1 }),
        await send({ service_id: 43 }),
        await send({ dest: '15559999999' }),
        await send({ dest: 'x' }),
        await send({ type: 999 }),
        await send({ type: 106, message: { '#txt': 'hi' } }),
        await send({ type: 107 }),
        await send({ label: 'gossip' }),
        await send({ ttl: 5 }),
        await send({ message: { ...message, '#txt': 'x'.repeat(1001) } }),
        await send({ type: 306, label: 'session' }),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [0, 12, 2, 9, 27, 5, 0, 6, 18, 20, 3, 17],
      );
    } finally {
      await simulator.close();
    }
  });

  it('refuses other addresses', async () => {
    const { simulator, send } = await open({ allowed: '192.0.2.1' });
    assert.equal((await send()).status, 401);
    await simulator.close();
  });

  it('lets 10 in a row and 60 in all be sent in a session', async () => {
    const { simulator, send } = await open();
    const session = { type: 306, label: 'session' };
    try {
      for (let round = 0; round < 6; round += 1) {
        await simulator.act('message', { user: base.dest });
        for (let count = 0; count < 10; count += 1) {
          const { status, text } = await send(session);
          assert.equal(status, 0);
          assert.match(text, /"session_id":"session-/);
        }
        if (round < 5) assert.equal((await send(session)).status, 21);
      }
      await simulator.act('message', { user: base.dest });
      assert.equal((await send(session)).status, 17);
    } finally {
      await simulator.close();
    }
  });

  it('posts statuses in words for an aggregator, and expired before delivered', async () => {
    const receiver = await openReceiver();
    const { simulator, send } = await open(
      { 'status-url': receiver.url, form: 'aggregator' },
      { 'expired-then-delivered': 1 },
    );
    try {
      await send();
      await simulator.idle();
      const statuses = receiver.calls.map(({ body }) => /"message_status":"(\w+)"/.exec(body)?.[1]);
      assert.deepEqual(statuses, ['expired', 'delivered']);
      assert.match(receiver.calls[0]?.body ?? '', /^\{"request_id":\d{19},/);
    } finally {
      await simulator.close();
      await receiver.close();
    }
  });
});
