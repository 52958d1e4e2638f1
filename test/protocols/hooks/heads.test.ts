import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Connector } from '../../../src/channels/channel.ts';
import { system } from '../../../src/domain/account.ts';
import { GatewayError } from '../../../src/domain/errors.ts';
import { Lockout } from '../../../src/http/lockout.ts';
import { openHttpServer } from '../../../src/http/server.ts';
import { webhookRoutes } from '../../../src/protocols/hooks/server.ts';
import type { Intake } from '../../../src/store/store.ts';
import { sendHead } from '../../support/heads.ts';
import { appSecret, openHookApp, toText, toWebhook } from '../../support/hooks.ts';
import type { HookApp } from '../../support/hooks.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

async function open(t: TestContext): Promise<HookApp & { readonly crashes: unknown[] }> {
  const crashes: unknown[] = [];
  const hooks = await openHookApp({
    emit: (name, fields) => {
      if (name === 'unit.crashed') crashes.push(fields);
    },
  });
  t.after(() => hooks.close());
  return { ...hooks, crashes };
}

it('a webhook is refused by its head, before its body is sent', async (t) => {
  const { app, store, accountId, addPages } = await open(t);
  await addPages('messenger', 'page', ['200']);
  const credentials = { pathSecret: 'a-secret-of-the-path' };
  const viber = { type: 'viber', name: 'Shop', wabaId: null } as const;
  await store.putChannel(accountId, { ...viber, id: 'partner', credentials }, system);
  await store.putChannel(accountId, { ...viber, id: 'bot', credentials: { authToken: 'x-y-z' } }, system);
  const signed = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
  const cases = [
    ['/hooks/whatsapp/none', signed, 404],
    ['/hooks/telegram/wa', signed, 404],
    ['/hooks/messenger/wa', signed, 404],
    ['/hooks/whatsapp/wa/more/parts', signed, 404],
    ['/hooks', signed, 404],
    ['/hooks/whatsapp/wa', {}, 401],
    ['/hooks/whatsapp/wa', { 'x-hub-signature-256': 'sha256=zz' }, 401],
    ['/hooks/whatsapp/wa', { 'x-hub-signature': `sha1=${'0'.repeat(40)}` }, 401],
    ['/hooks/messenger/page', {}, 401],
    ['/hooks/viber/bot', {}, 401],
    ['/hooks/viber/bot?sig=zz', {}, 401],
    ['/hooks/viber/partner', {}, 401],
    ['/hooks/viber/partner/another-secret', {}, 401],
    ['/hooks/sandbox/sandbox', signed, 401],
    ['/sandbox/15550100001/inbound', { 'content-type': 'application/json' }, 401],
    ['/sandbox/15550100001/status', { 'content-type': 'application/json' }, 401],
  ] as const;
  for (const [target, headers, status] of cases) {
    const answer = await sendHead(app, { method: 'POST', target, headers });
    assert.equal(answer.status, status, `${target}: ${answer.text}`);
    assert.match(answer.text, /connection: close/i);
    assert.match(answer.text, /x-content-type-options: nosniff/i);
  }
});

it('the challenge is said back as text that no browser takes for a page, and only what a challenge may be', async (t) => {
  const { app } = await open(t);
  const get = async (challenge: string) =>
    app.inject({
      method: 'GET',
      url: `/hooks/whatsapp/wa?hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=${encodeURIComponent(challenge)}`,
    });
  const good = await get('1158201444');
  assert.deepEqual(
    [good.statusCode, good.body, good.headers['content-type'], good.headers['x-content-type-options']],
    [200, '1158201444', 'text/plain; charset=utf-8', 'nosniff'],
  );
  for (const bad of ['<script>alert(1)</script>', 'x'.repeat(257), 'a\r\nb', '\0', '"', '\u202e']) {
    const answer = await get(bad);
    assert.equal(answer.statusCode, 400, bad);
    assert.match(answer.body, /hub\.challenge has to be/);
    assert.ok(!answer.body.includes('<script'));
  }
});

type Deps = Parameters<typeof webhookRoutes>[1];

/** Posts a signed webhook to hooks that differ in some of their parts; what was kept of it, and how it was answered. */
async function postTo(
  t: TestContext,
  change: (deps: Deps) => Partial<Deps>,
): Promise<{ status: number; kept: Intake[]; crashes: unknown[]; drain: HookApp['drain'] }> {
  const hooks = await open(t);
  await hooks.addNumber('15550001111', '200000000000001');
  const kept: Intake[] = [];
  const store = Object.assign(Object.create(hooks.store) as typeof hooks.store, {
    recordIntake: async (intakes: readonly Intake[]) => {
      const recorded = await hooks.store.recordIntake(intakes);
      kept.push(...intakes);
      return recorded;
    },
  });
  const deps = { ...hooks.recording, store, guesses: new Lockout(hooks.clock.now) };
  const app = openHttpServer({ emit: hooks.recording.emit, monotonic: monotonicNow });
  t.after(() => app.close());
  webhookRoutes(app, { ...deps, ...change(deps) });
  const payload = toWebhook({ messages: [toText('wamid.1')] });
  const signature = createHmac('sha256', appSecret).update(payload).digest('hex');
  const headers = { 'x-hub-signature-256': `sha256=${signature}` };
  const answer = await app.inject({ method: 'POST', url: '/hooks/whatsapp/wa', headers, payload });
  return { status: answer.statusCode, kept, crashes: hooks.crashes, drain: hooks.drain };
}

const withConnector =
  (broken: Partial<Connector>) =>
  ({ connectors }: Deps): Partial<Deps> => ({
    connectors: { whatsapp: { ...(connectors.whatsapp ?? assert.fail('There is none.')), ...broken } },
  });

const bug = (): never => {
  throw new RangeError('Maximum call stack size exceeded');
};

it('a webhook whose parser has a bug is kept under a remark and answered 200', async (t) => {
  const { status, kept, crashes } = await postTo(t, withConnector({ parse: bug }));
  assert.equal(status, 200);
  assert.equal(crashes.length, 1);
  assert.deepEqual(
    kept.map(({ body, remarks, receipts }) => [Buffer.from(body).includes('wamid.1'), remarks, receipts]),
    [[true, [{ index: 0, reason: 'parse_failed', detail: '', mayBeMessage: true }], []]],
  );
});

it('a webhook of which no receipt can be made is kept as well', async (t) => {
  const { status, kept, crashes } = await postTo(t, () => ({ renderReceipt: bug }));
  assert.equal(status, 200);
  assert.equal(crashes.length, 1);
  assert.deepEqual(
    kept.at(-1)?.remarks.map(({ reason }) => reason),
    ['parse_failed'],
  );
});

it('a webhook is answered 200 though its courtesy fails, and 503 while the store cannot commit', async (t) => {
  const courteous = await postTo(t, withConnector({ respond: bug }));
  assert.equal(courteous.status, 200);
  assert.equal((await courteous.drain('ChatAppInbound')).length, 1);
  const full = await postTo(t, ({ store }) => ({
    store: Object.assign(Object.create(store) as typeof store, {
      recordIntake: () => Promise.reject(new GatewayError('store_unavailable')),
    }),
  }));
  assert.deepEqual([full.status, full.kept], [503, []]);
});
