// A service with something in it, for the tests of the console: the sandbox's receipts on, one callback URL that takes
// what it gets and one that fails, messages both ways, a template, a queue, and a user of each role.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { request } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import type { Receiver } from '../support/receiver.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

export const sender = '15550100001';
export const user = '15550002222';
export const password = 'correct horse battery';

/** Settings by which a callback URL that failed four times is opened, and tried by nobody for an hour but by whoever asks for it. */
export const triedByHand = {
  CHASQUI_BREAKER_FAILURES: '4',
  CHASQUI_BREAKER_SECONDS: '0',
  CHASQUI_PROBE_SECONDS: '3600',
};

type Answer = Record<string, unknown>;

export interface Bed {
  readonly service: Service;
  readonly dataDir: string;
  /** Answers 200. */
  readonly good: Receiver;
  /** Answers 500 with {@link Bed.refusal} until it is told to take everything. */
  readonly bad: Receiver;
  /** Lets `bad` take what it gets from now on. */
  readonly mend: () => void;
  /** Calls /api/v1 with the first account's key. Throws for an answer that is no success. */
  readonly call: (method: 'GET' | 'PUT' | 'POST' | 'PATCH', path: string, body?: unknown) => Promise<Answer>;
}

/** Starts a service of its own, and ends it with the test. `refusal` is what `bad` answers, `env` its further settings, `nodeArgs` arguments of Node's own. */
export async function openBed(
  t: TestContext,
  {
    refusal = '{"code":1,"message":"out of order"}',
    env = {},
    nodeArgs = [],
  }: {
    readonly refusal?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly nodeArgs?: readonly string[];
  } = {},
): Promise<Bed> {
  const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-console-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const service = await startService({ dataDir, env, nodeArgs });
  t.after(() => service.stop());
  let isMended = false;
  const good = await openReceiver();
  const bad = await openReceiver((_call, response) => {
    response.statusCode = isMended ? 200 : 500;
    response.end(isMended ? '{"code":0}' : refusal);
  });
  t.after(() => good.close());
  t.after(() => bad.close());
  const call = toCall(service);
  return {
    service,
    dataDir,
    good,
    bad,
    mend: () => {
      isMended = true;
    },
    call,
  };
}

/** Calls /api/v1 of a service with the first account's key. */
export function toCall(service: Pick<Service, 'url'>): Bed['call'] {
  const basic = Buffer.from(`${rootAccount.keyId}:${rootAccount.keySecret}`).toString('base64');
  return async (method, path, body) => {
    const answer = await request(`${service.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${basic}`,
        'x-chasqui-console': '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Answer);
  };
}

/** Makes the first owner, as the first visit would. */
export async function setUp({ call }: Bed): Promise<void> {
  const { keyId, keySecret } = rootAccount;
  await call('POST', '/session/setup', { keyId, keySecret, name: 'owner', password });
}

/** Turns the sandbox's receipts on: statuses to the URL that fails, messages to the one that does not, and queues. */
export async function subscribe({ call, good, bad }: Bed): Promise<void> {
  await call('PUT', `/channels/sandbox/senders/${sender}/webhook`, {
    http: true,
    queue: true,
    statusUrl: `${bad.url}/status`,
    inboundUrl: `${good.url}/inbound`,
  });
  await call('PUT', '/channels/sandbox/webhook', { http: true, queue: true, auditUrl: `${good.url}/audit` });
}

/** Has what fails at a callback URL tried again in an hour: until then nobody but whoever asks for it has it tried. */
export async function tryInAnHour({ call }: Pick<Bed, 'call'>, url: string): Promise<void> {
  const { items } = (await call('GET', '/destinations')) as { items: { id: number; url: string }[] };
  const id = items.find((one) => one.url === url)?.id;
  assert.ok(id !== undefined, `nothing goes to ${url}`);
  await call('PATCH', `/destinations/${id}`, { scheduleMs: [0, 3_600_000] });
}

/** Says `text` as the user; resolves to the receipt's id. */
export async function say({ call }: Bed, text: string, name = 'Ana', from = user): Promise<string> {
  const { receiptId } = await call('POST', `/sandbox/${sender}/inbound`, {
    from,
    name,
    type: 'text',
    text,
  });
  return String(receiptId);
}

/** Sends `text` as the business; resolves to the message's id. */
export async function send({ call }: Bed, text: string): Promise<string> {
  const { messageId } = await call('POST', '/messages', {
    channelId: 'sandbox',
    senderId: sender,
    to: user,
    type: 'text',
    text,
  });
  return String(messageId);
}

/** Submits a template with `text`; resolves to its code. */
export async function submitTemplate({ call }: Bed, text: string): Promise<string> {
  const { code } = await call('POST', '/channels/sandbox/templates', {
    name: 'order_ready',
    language: 'en',
    type: 'WHATSAPP',
    category: 'UTILITY',
    components: [
      { Type: 'HEADER', Format: 'TEXT', Text: 'Order $(order)' },
      { Type: 'BODY', Text: text },
      { Type: 'FOOTER', Text: 'The shop' },
      { Type: 'BUTTONS', Buttons: [{ Type: 'QUICK_REPLY', Text: 'Thanks' }] },
    ],
    example: { order: '1042', name: 'Ana' },
  });
  return String(code);
}

/** Waits until every listed receipt was tried at its callback URL. */
export async function untilPushed({ good, bad }: Bed, atGood: number, atBad: number): Promise<void> {
  await waitUntil(
    'the receipts are pushed',
    60_000,
    () => good.calls.length >= atGood && bad.calls.length >= atBad,
  );
}

/** Waits until so many deliveries are done, 500 at most: their receiver has them a little earlier than the service knows it. */
export async function untilDelivered({ call }: Bed, count: number): Promise<void> {
  await waitUntil('the receipts are delivered', 60_000, async () => {
    const { items } = (await call('GET', '/deliveries?state=done&limit=500')) as { items: unknown[] };
    return items.length >= count;
  });
}

/** Signs in on whatever page is open; the page that was asked for shows then. */
export async function signIn(page: Page, name = 'owner', secret = password): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('main').waitFor();
  await page.getByRole('banner').waitFor();
}

/** Presses a button if it is still there: a page that asks again by itself takes it away. */
export async function pressIfThere(button: Locator): Promise<void> {
  await button.evaluateAll((found) => {
    for (const one of found) (one as unknown as { click: () => void }).click();
  });
}
