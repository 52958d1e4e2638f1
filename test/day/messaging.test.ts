// A day in the life of a Page and of a professional account: messages both ways through the simulated vendor with all its
// faults, and a ledger at the end. `CHASQUI_DAY=10000` plays so many; `CHASQUI_SEED=7` another day.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { request } from 'undici';
import { openClient } from '../../src/http/client.ts';
import { openSimulator } from '../../src/simulators/core.ts';
import { instagram, messenger } from '../../src/simulators/messaging.ts';
import { signAcs3 } from '../support/cams-client.ts';
import { openReceiver } from '../support/receiver.ts';
import { findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';

const count = Number(process.env['CHASQUI_DAY'] ?? 60);
const seed = process.env['CHASQUI_SEED'] ?? '1';
const limitMs = 60_000 + count * 100;
const appSecret = '0123456789abcdef0123456789abcdef';
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };

type Receipt = Readonly<Record<string, string>>;

interface Taken {
  readonly id: string;
  readonly to: string;
  readonly status: 'sent' | 'delivered' | 'read';
}

for (const [type, vendor, accountId] of [
  ['messenger', messenger, '300000000000001'],
  ['instagram', instagram, '17840000000000001'],
] as const) {
  it(
    `${count} ${type} messages each way end with every one accounted for`,
    { timeout: limitMs * 4 },
    async (t) => {
      const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-day-'));
      const client = openClient({ egressAllow: ['127.0.0.0/8'] });
      const port = await findFreePort();
      const simulator = await openSimulator(vendor, {
        client,
        seed,
        speed: 10,
        options: {
          'app-secret': appSecret,
          'account-rate': '100000',
          'webhook-url': `http://127.0.0.1:${port}/hooks/${type}/shop`,
        },
        // Instagram gives nothing back by which a message whose answer was lost could be known again.
        faults: { overtaking: 0.05, transient: 0.02, 'lost-answer': type === 'messenger' ? 0.02 : 0 },
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
      const service = await startService({
        dataDir,
        port,
        env: {
          PUBLIC_URL: `http://127.0.0.1:${port}`,
          CHASQUI_GRAPH_URL: simulator.address,
          CHASQUI_SEND_RATE: '2000',
          CHASQUI_SEND_UNKNOWN_SECONDS: '5',
        },
      });
      t.after(async () => {
        await service.stop();
        await simulator.close();
        await business.close();
        await client.close();
        rmSync(dataDir, { recursive: true });
      });

      const api = async (method: 'PUT' | 'POST', path: string, body?: unknown) => {
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
      };
      await api('PUT', '/channels/shop', {
        type,
        credentials: { appSecret, verifyToken: 'verify-me', accessToken: 'EAAsimulatedAccessToken' },
      });
      await api('PUT', `/channels/shop/senders/${accountId}`, {});
      await api('POST', '/channels/shop/subscribe');
      await api('PUT', `/channels/shop/senders/${accountId}/webhook`, {
        http: true,
        queue: false,
        statusUrl: `${business.url}/status`,
        inboundUrl: `${business.url}/inbound`,
      });

      let sent = 0;
      const ids: string[] = [];
      const sendTexts = async (): Promise<void> => {
        while (sent < count) {
          sent += 1;
          const values = {
            ChannelType: type,
            Type: 'message',
            MessageType: 'text',
            From: accountId,
            To: `2411${String(sent % Math.ceil(count / 3)).padStart(7, '0')}`,
            Content: JSON.stringify({ text: `مرحبا ${sent} 👩‍👩‍👧` }),
          };
          const call = signAcs3(key, 'SendChatappMessage', values, {
            host: new URL(service.url).host,
            form: true,
          });
          const { method, headers, body } = call;
          const answer = await request(service.url + call.target, { method, headers, body });
          const json = (await answer.body.json()) as Record<string, string>;
          assert.equal(json['Code'], 'OK', JSON.stringify(json));
          ids.push(json['MessageId'] ?? '');
        }
      };
      const said: string[] = [];
      const play = async (): Promise<void> => {
        for (let turn = 0; turn < count; turn += 1) {
          said.push(((await simulator.playUser(turn)) as { id: string }).id);
          if (turn % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      };
      await Promise.all([play(), ...Array.from({ length: 8 }, sendTexts)]);

      /** Statuses by our MessageId. */
      const statesOf = (): Map<string, Set<string>> => {
        const states = new Map<string, Set<string>>();
        for (const { MessageId = '', Status } of receipts)
          if (Status !== undefined) states.set(MessageId, (states.get(MessageId) ?? new Set()).add(Status));
        return states;
      };
      const inbound = () => receipts.filter(({ NoticeType }) => NoticeType === 'inbound');
      await waitUntil('every message has been sent or has failed', limitMs, () =>
        ids.every((id) => statesOf().has(id)),
      );
      await waitUntil('what users did is told', limitMs, () => inbound().length >= count);
      await simulator.idle();
      const taken = (await simulator.act('messages', {})) as readonly Taken[];
      const reads = taken.filter(({ status }) => status === 'read').length;
      const countOf = (name: string): number =>
        [...statesOf().values()].filter((states) => states.has(name)).length;
      await waitUntil('what was read is told', limitMs, () => countOf('Read') >= reads).catch(
        (error: unknown) => {
          throw new Error(`${String(error)} ${countOf('Read')} of ${reads} ${service.output().slice(-2000)}`);
        },
      );

      // The ledger.
      const states = statesOf();
      assert.deepEqual(
        [...states.keys()].sort(),
        ids.toSorted(),
        'statuses of the messages sent, and of no others',
      );
      assert.equal(countOf('Sent') + countOf('Failed'), count, 'every MT was sent or failed, and never both');
      assert.deepEqual(
        [...seen].filter(([, times]) => times > 1),
        [],
        'no receipt was handed on twice',
      );
      // A message with several parts is several receipts, each under an id of its own.
      const messageIds = inbound().map(({ MessageId = '' }) => MessageId);
      assert.equal(new Set(messageIds).size, messageIds.length, 'every MO once');
      assert.ok(messageIds.length >= said.length, `${messageIds.length} of ${said.length}`);
      const counts = simulator.ledger.counts();
      assert.equal(
        Object.keys(counts).some((name) => name.startsWith('given_up')),
        false,
      );
      t.diagnostic(JSON.stringify({ seed, counts, receipts: receipts.length, read: countOf('Read') }));
    },
  );
}
