// What no vendor should send, on every webhook: it is read, or kept raw, or refused; never a crash, and never to its neighbours' harm.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { appSecret } from '../support/hooks.ts';
import { openViberHooks, serviceId } from '../support/viber.ts';
import type { ViberHooks } from '../support/viber.ts';

const page = '300000000000001';
const account = '17840000000000001';

/** JSON texts, since what is tried here cannot always be written as values. */
interface Said {
  readonly id: string;
  readonly text?: string;
  /** Left out: there is none. */
  readonly timestamp?: string;
  readonly more?: string;
}

interface Route {
  readonly name: string;
  readonly toItem: (said: Said) => string;
  /** Whether a POST may hold several. */
  readonly isBatched: boolean;
  readonly toBody: (items: readonly string[]) => string;
  readonly post: (hooks: ViberHooks, body: string | Buffer) => Promise<number>;
  readonly postForged: (hooks: ViberHooks, body: string) => Promise<number>;
}

const optional = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `,"${name}":${value}`;

const toMessagingItem =
  (owner: string) =>
  ({ id, text = '"hi"', timestamp, more = '' }: Said): string =>
    `{"sender":{"id":"24000000000000001"},"recipient":{"id":"${owner}"}${optional('timestamp', timestamp)}${more},"message":{"mid":${id},"text":${text}}}`;

function messagingRoute(type: 'messenger' | 'instagram', object: string, owner: string): Route {
  return {
    name: type,
    toItem: toMessagingItem(owner),
    isBatched: true,
    toBody: (items) => `{"object":"${object}","entry":[{"id":"${owner}","messaging":[${items.join()}]}]}`,
    post: (hooks, body) => hooks.post(body, type, appSecret, type),
    postForged: (hooks, body) => hooks.post(body, type, 'another secret', type),
  };
}

const routes: readonly Route[] = [
  {
    name: 'whatsapp',
    toItem: ({ id, text = '"hi"', timestamp, more = '' }) =>
      `{"from":"15550002222","id":${id}${optional('timestamp', timestamp)}${more},"type":"text","text":{"body":${text}}}`,
    isBatched: true,
    toBody: (items) =>
      `{"object":"whatsapp_business_account","entry":[{"id":"100000000000001","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"200000000000001"},"messages":[${items.join()}]}}]}]}`,
    post: (hooks, body) => hooks.post(body),
    postForged: (hooks, body) => hooks.post(body, 'wa', 'another secret'),
  },
  messagingRoute('messenger', 'page', page),
  messagingRoute('instagram', 'instagram', account),
  {
    name: 'a Viber bot',
    toItem: ({ id, text = '"hi"', timestamp, more = '' }) =>
      `{"event":"message","message_token":${id}${optional('timestamp', timestamp)}${more},"sender":{"id":"abc=="},"message":{"type":"text","text":${text}}}`,
    isBatched: false,
    toBody: (items) => items.join(),
    post: async (hooks, body) => (await hooks.postBot(body)).status,
    postForged: async (hooks, body) => (await hooks.postBot(body, 'a'.repeat(64))).status,
  },
  {
    name: 'Viber Business Messages',
    toItem: ({ id, text = '"hi"', timestamp, more = '' }) =>
      `{"message_token":${id}${optional('time', timestamp)}${more},"phone_number":"15550002222","service_id":${serviceId},"message":{"text":${text}}}`,
    isBatched: true,
    toBody: (items) => `[${items.join()}]`,
    post: (hooks, body) => hooks.postBusiness(body),
    postForged: (hooks, body) => hooks.postBusiness(body, 'another-secret-of-the-path'),
  },
];

for (const route of routes)
  describe(`the webhook of ${route.name}`, () => {
    let hooks: ViberHooks;
    before(async () => {
      hooks = await openViberHooks();
      await hooks.addNumber('15550001111', '200000000000001');
      await hooks.addPages('messenger', 'messenger', [page]);
      await hooks.addPages('instagram', 'instagram', [account]);
    });
    after(() => hooks.close());

    let number = 0;
    const nextId = (): string => String(5_741_311_803_571_000_000n + BigInt((number += 1)));
    /** Posts one message between two others, which have to be read; resolves to the receipts of the one. */
    const post = async (said: Omit<Said, 'id'>, id = `"${nextId()}"`): Promise<Record<string, unknown>[]> => {
      const around = [nextId(), nextId()];
      const item = route.toItem({ ...said, id });
      const [first = '', last = ''] = around.map((one) => route.toItem({ id: `"${one}"` }));
      const bodies = route.isBatched ? [[first, item, last]] : [[first], [item], [last]];
      for (const items of bodies) assert.equal(await route.post(hooks, route.toBody(items)), 200);
      const receipts = await hooks.drain('ChatAppInbound');
      const ids = receipts.map(({ MessageId }) => String(MessageId));
      assert.ok(
        around.every((one) => ids.includes(one)),
        'the neighbours were read',
      );
      assert.equal(Reflect.get({}, 'polluted'), undefined);
      return receipts.filter(({ MessageId }) => !around.includes(String(MessageId)));
    };

    it('takes nothing that is not signed with its secret', async () => {
      assert.equal(await route.postForged(hooks, route.toBody([route.toItem({ id: '"1"' })])), 401);
      assert.deepEqual(await hooks.drain('ChatAppInbound'), []);
    });

    it('hands on emoji and writing from right to left as they are', async () => {
      const text = 'مرحبا 👩‍👩‍👧‍👦 שלום \u200f(✓) ṩ';
      const [receipt] = await post({ text: JSON.stringify(text) });
      assert.equal(receipt?.['Message'], text);
    });

    it('hands on U+FFFD for half of a surrogate pair and for a zero, which many parsers refuse', async () => {
      const [receipt] = await post({ text: '"a\\ud83dz\\u0000"' });
      assert.equal(receipt?.['Message'], 'a\ufffdz\ufffd');
    });

    it('keeps every digit of an id that is a number, up to 2^63 and beyond', async () => {
      for (const id of ['9007199254740993', '9223372036854775808', '18446744073709551616']) {
        const [receipt] = await post({}, id);
        assert.equal(receipt?.['MessageId'], id);
        assert.deepEqual(await post({}, `"${id}"`), [], 'as text it is the same');
      }
    });

    it('keeps a number that no number can hold as the text that it was, wherever it stands', async () => {
      for (const digits of ['1e400', '-1e-400', '9007199254740993', '1E21']) {
        const [receipt] = await post({ more: `,"zq":[{"zq":${digits}}]` });
        assert.ok(JSON.stringify(receipt?.['Extra']).includes(`[{"zq":"${digits}"}]`), digits);
      }
    });

    it('takes times in seconds, milliseconds and as dates, as numbers and as text, and its own for none', async () => {
      const seconds = 1_780_000_000_000;
      const times: readonly (readonly [string | undefined, number])[] = [
        ['1780000000', seconds],
        ['"1780000000"', seconds],
        ['1780000000123', seconds + 123],
        ['"1780000000123"', seconds + 123],
        ['"2026-05-28T20:26:40Z"', seconds],
        [undefined, hooks.clock.now()],
        ['"soon"', hooks.clock.now()],
        ['{}', hooks.clock.now()],
      ];
      for (const [timestamp, expected] of times) {
        const [receipt] = await post(timestamp === undefined ? {} : { timestamp });
        assert.equal(receipt?.['Timestamp'], expected, timestamp ?? 'none');
      }
    });

    it('reads the last of two members of one name, as JSON has it', async () => {
      const [receipt] = await post({
        more: ',"message_token":"x","mid":"x","from":"1","timestamp":1,"time":1',
      });
      assert.ok(receipt !== undefined);
    });

    it('is not taken in by names that mean something to JavaScript', async () => {
      const more = ',"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1';
      assert.equal((await post({ more })).length, 1);
      const text = '{"__proto__":{"polluted":1}}';
      assert.ok((await post({ text })).length <= 1);
    });

    it('outlives 3 MB of nesting, with neighbours unharmed', async () => {
      const depth = 1_400_000;
      const deep = `${'['.repeat(depth)}"}"${']'.repeat(depth)}`;
      assert.ok((await post({ text: deep })).length <= 1);
      assert.ok((await post({ more: `,"sender_action":${deep}` })).length <= 1);
      const open = route.toBody([route.toItem({ id: '"deep"', text: '{"a":'.repeat(depth / 4) })]);
      assert.equal(await route.post(hooks, open), 200);
      assert.equal((await post({})).length, 1);
    });

    it('outlives bytes that are no UTF-8', async () => {
      const body = Buffer.from(route.toBody([route.toItem({ id: `"${nextId()}"`, text: '"a#z"' })]));
      body[body.indexOf('#')] = 0xff;
      assert.equal(await route.post(hooks, body), 200);
      const [receipt] = await hooks.drain('ChatAppInbound');
      assert.equal(receipt?.['Message'], 'a\ufffdz');
    });
  });
