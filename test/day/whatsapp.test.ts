// A day in the life of a WhatsApp number: messages both ways through the simulated vendor with all its faults, and a ledger at
// the end. `CHASQUI_DAY=10000` plays so many; `CHASQUI_SEED=7` another day.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { request } from 'undici';
import { openClient } from '../../src/http/client.ts';
import { openSimulator } from '../../src/simulators/core.ts';
import { whatsapp } from '../../src/simulators/whatsapp.ts';
import { signAcs3 } from '../support/cams-client.ts';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const count = Number(process.env['CHASQUI_DAY'] ?? 200);
const seed = process.env['CHASQUI_SEED'] ?? '1';
const limitMs = 60_000 + count * 100;
const appSecret = '0123456789abcdef0123456789abcdef';
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const number = '15550001111';

type Receipt = Readonly<Record<string, string>>;

/** Statuses that end a message's way, as far as the ledger goes. */
const finals = new Set(['Delivered', 'Read', 'Failed']);

it(`${count} messages each way end with every one accounted for`, { timeout: limitMs * 4 }, async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-day-'));
  const client = openClient({ egressAllow: ['127.0.0.0/8'] });
  const simulator = await openSimulator(whatsapp, {
    client,
    seed,
    speed: 30,
    options: { 'app-secret': appSecret, 'number-rate': '100000' },
    faults: { 'lost-answer': 0.02, overtaking: 0.05, transient: 0.02 },
  });
  const seen = new Map<string, number>();
  const receipts: Receipt[] = [];
  const business = await openReceiver((call, response) => {
    for (const receipt of JSON.parse(call.body) as Receipt[]) {
      const id = receipt['ReceiptId'] ?? '';
      if (!seen.has(id)) receipts.push(receipt);
      seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    response.setHeader('content-type', 'application/json').end('{"code":0,"msg":"ok"}');
  });
  const port = await findFreePort();
  const service = await startService({
    dataDir,
    port,
    env: {
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      CHASQUI_GRAPH_URL: simulator.address,
      CHASQUI_SEND_RATE: '2000',
      CHASQUI_SEND_UNKNOWN_SECONDS: '30',
    },
  });
  t.after(async () => {
    await service.stop();
    await simulator.close();
    await business.close();
    await client.close();
    rmSync(dataDir, { recursive: true });
  });

  const api = async (method: 'PUT' | 'POST' | 'GET', path: string, body?: unknown) => {
    const answer = await request(`${service.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const cams = async (action: string, values: Readonly<Record<string, string>>) => {
    const call = signAcs3(key, action, values, { host: new URL(service.url).host, form: true });
    const { headers, body } = call;
    const answer = await request(service.url + call.target, { method: call.method, headers, body });
    const json = (await answer.body.json()) as Record<string, unknown>;
    assert.equal(json['Code'], 'OK', JSON.stringify(json));
    return json;
  };

  // Connect: the vendor's handshake, its look at the token, the numbers that it tells.
  await api('PUT', '/channels/shop', {
    type: 'whatsapp',
    wabaId: '100000000000001',
    credentials: { appSecret, verifyToken: 'verify-me', accessToken: 'EAAsimulatedAccessToken' },
  });
  await api('POST', '/channels/shop/subscribe');
  const available = await api('GET', '/channels/shop/available-senders');
  assert.ok(JSON.stringify(available).includes(number));
  await api('PUT', `/channels/shop/senders/${number}`, { phoneNumberId: '200000000000001' });
  const { checks } = (await api('POST', '/channels/shop/check')) as {
    checks: { name: string; ok: boolean; text: string }[];
  };
  const unwell = checks.filter(({ name, ok }) => !ok && name !== 'publicUrl');
  assert.deepEqual(unwell, []);
  await api('PUT', `/channels/shop/senders/${number}/webhook`, {
    http: true,
    queue: false,
    statusUrl: `${business.url}/status`,
    inboundUrl: `${business.url}/inbound`,
  });
  await api('PUT', '/channels/shop/webhook', { http: true, queue: false, auditUrl: `${business.url}/audit` });

  // A template goes to its review and passes.
  await cams('CreateChatappTemplate', {
    Name: 'order_update',
    Language: 'en_US',
    Category: 'UTILITY',
    TemplateType: 'WHATSAPP',
    CustSpaceId: 'shop',
    Components: JSON.stringify([{ Type: 'BODY', Text: 'Order $(id) is on its way' }]),
    Example: JSON.stringify({ id: '17' }),
  });
  await waitUntil('the template has passed', limitMs, () =>
    receipts.some((receipt) => receipt['AuditStatus'] === 'pass'),
  );

  // Out: templates in mass, and free text.
  const template = { TemplateName: 'order_update', Language: 'en_US', CustSpaceId: 'shop' };
  const masses = Math.ceil(count / 2 / 1000);
  for (let mass = 0; mass < masses; mass += 1) {
    const size = Math.min(1000, Math.floor(count / 2) - mass * 1000);
    const list = Array.from({ length: size }, (_, n) => ({
      To: `1666${String(mass * 1000 + n).padStart(7, '0')}`,
      TemplateParams: { id: String(n) },
    }));
    await cams('SendChatappMassMessage', {
      ChannelType: 'whatsapp',
      From: number,
      ...template,
      SenderList: JSON.stringify(list),
    });
  }
  const texts = count - Math.floor(count / 2);
  let sent = 0;
  const sendTexts = async (): Promise<void> => {
    while (sent < texts) {
      sent += 1;
      await cams('SendChatappMessage', {
        ChannelType: 'whatsapp',
        Type: 'message',
        MessageType: 'text',
        From: number,
        To: `1777${String(sent % Math.ceil(texts / 3)).padStart(7, '0')}`,
        Content: JSON.stringify({ text: `مرحبا ${sent} 👩‍👩‍👧` }),
      });
    }
  };
  // In: what users write, while the business writes.
  const said: string[] = [];
  const play = async (): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) {
      const { id } = (await simulator.playUser(turn)) as { id: string };
      said.push(id);
      if (turn % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([play(), ...Array.from({ length: 8 }, sendTexts)]);

  const statesOf = (): Map<string, Set<string>> => {
    const states = new Map<string, Set<string>>();
    for (const { MessageId = '', Status, To = '' } of receipts) {
      if (Status === undefined) continue;
      const name = `${MessageId} ${To}`;
      states.set(name, (states.get(name) ?? new Set()).add(Status));
    }
    return states;
  };
  const isOver = (): boolean => {
    const over = [...statesOf().values()].filter((states) => [...states].some((state) => finals.has(state)));
    return (
      over.length >= count && receipts.filter(({ NoticeType }) => NoticeType === 'inbound').length >= count
    );
  };
  await waitUntil('every message is over', limitMs, isOver).catch((error: unknown) => {
    throw new Error(
      `${String(error)} ${JSON.stringify(simulator.ledger.counts())} ${service.output().slice(-2000)}`,
    );
  });
  await simulator.idle();

  // The ledger.
  const states = statesOf();
  assert.equal(states.size, count, 'statuses are of the messages that were sent, and of no others');
  const inbound = receipts.filter(({ NoticeType }) => NoticeType === 'inbound');
  assert.deepEqual(inbound.map(({ MessageId }) => MessageId).sort(), said.toSorted(), 'every MO once');
  // What the channel refused for a while was tried again; a message that nobody can tell the end of is a fault of ours.
  const given = receipts.filter(
    ({ ErrorCode }) => ErrorCode === 'unknown_outcome' || ErrorCode === 'expired',
  );
  assert.deepEqual(given, [], 'no message was given up without an answer');
  const repeated = [...seen].filter(([, times]) => times > 1);
  assert.deepEqual(repeated, [], 'no receipt was handed on twice');
  const media = inbound.flatMap(({ Message = '' }) => /"url":"([^"]+)"/.exec(Message)?.[1] ?? []);
  assert.ok(media.length > 0);
  for (const url of media) {
    await waitUntil('a file is there', limitMs, async () => {
      const answer = await request(url);
      const bytes = (await answer.body.arrayBuffer()).byteLength;
      return answer.statusCode === 200 && bytes > 0;
    });
  }
  const counts = simulator.ledger.counts();
  assert.equal(
    Object.keys(counts).some((name) => name.startsWith('given_up')),
    false,
  );
  t.diagnostic(JSON.stringify({ seed, counts, media: media.length, receipts: receipts.length }));
});
