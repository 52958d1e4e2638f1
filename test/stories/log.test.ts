// The log of the service as an operator starts it: how many lines a burst makes and whether their figures are right, and what becomes of
// the service when nobody can write or read its log.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Agent, request } from 'undici';
import { openReceiver } from '../support/receiver.ts';
import { SmqClient } from '../support/smq-client.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
const receiptQueue = `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`;

type Line = Readonly<Record<string, unknown>>;

async function open(t: TestContext, env: Record<string, string>): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-log-'));
  const service = await startService({ dataDir, env });
  t.after(async () => {
    await service.kill();
    rmSync(dataDir, { recursive: true });
  });
  return service;
}

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Settles where the sandbox's receipts go. */
async function subscribe(service: Service, settings: object): Promise<void> {
  const answer = await request(`${service.url}/api/v1/channels/sandbox/senders/15550100001/webhook`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(settings),
  });
  assert.equal(answer.statusCode, 200, await answer.body.text());
}

/** Lets a user say something; the same `id` is the same message. */
async function say(service: Service, id: string): Promise<void> {
  const answer = await request(`${service.url}/sandbox/15550100001/inbound`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ id, from: `1555${id.padStart(7, '0')}`, type: 'text', text: 'hello' }),
  });
  assert.equal(answer.statusCode, 201, await answer.body.text());
}

/** Runs `count` tasks, so many at a time as a busy channel would. */
async function burst(count: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await task(index);
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

/** Pulls so many receipts, and deletes each; resolves to how many there were. */
async function pull(service: Service, count: number): Promise<number> {
  const client = new SmqClient(service.url, key);
  let pulled = 0;
  while (pulled < count)
    for (const { handle } of await client.receive(receiptQueue, 1)) {
      pulled += 1;
      assert.equal((await client.delete(receiptQueue, handle)).status, 204);
    }
  await client.close();
  return pulled;
}

function toLines(text: string): readonly Line[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

function add(lines: readonly Line[], event: string): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { msg, level: _level, time: _time, ...figures } of lines)
    if (msg === event)
      for (const [name, value] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + Number(value);
  return sums;
}

function countReceipts(bodies: readonly string[]): number {
  return bodies.reduce((sum, body) => sum + (JSON.parse(body) as unknown[]).length, 0);
}

async function countLost(service: Service): Promise<number> {
  const text = await (await request(`${service.url}/metrics`)).body.text();
  return Number(/^chasqui_log_lines_lost_total (\d+)$/m.exec(text)?.[1]);
}

describe('at the level info', () => {
  it('a burst is a line a second whose figures add up to what happened, and failures are a line and a count', async (t) => {
    const failing = 25;
    const refused: string[] = [];
    const taken: string[] = [];
    const receiver = await openReceiver(({ body }, response) => {
      (refused.length < failing ? refused : taken).push(body);
      response.statusCode = taken.length > 0 ? 200 : 500;
      response.end('{"code":0}');
    });
    t.after(() => receiver.close());
    const service = await open(t, { CHASQUI_LOG_LEVEL: 'info' });
    await subscribe(service, { http: true, queue: true, inboundUrl: `${receiver.url}/inbound` });

    const [messages, repeats, strangers] = [400, 30, 20];
    await burst(messages, (index) => say(service, String(index)));
    await burst(repeats, (index) => say(service, String(index)));
    await burst(strangers, async () => {
      const { body } = await request(`${service.url}/hooks/whatsapp/nobody`, { method: 'POST', body: '{}' });
      await body.dump();
    });
    const pulled = await pull(service, messages);
    await waitUntil('every receipt was pushed', 60_000, () => countReceipts(taken) >= messages);
    assert.equal(await service.stop(), 0);

    const lines = toLines(service.output());
    assert.deepEqual(add(lines, 'traffic.summarized'), {
      webhooks: messages + repeats,
      webhooksRefused: strangers,
      receipts: messages,
      repeats,
      queued: messages,
      pulled,
      deleted: pulled,
      pushed: countReceipts(taken),
      pushesFailed: countReceipts(refused),
    });
    const summaries = lines.filter(({ msg }) => msg === 'traffic.summarized');
    const gaps = summaries.slice(1, -1).map(({ time }, index) => toGap(summaries[index], time));
    assert.ok(
      gaps.every((gap) => gap > 950),
      `a line a second at most: ${gaps.join(' ')} ms`,
    );
    const others = lines.filter(({ msg }) => msg !== 'traffic.summarized');
    assert.deepEqual(
      others.map(({ msg, level, heldBack }) => [msg, level, heldBack]).toSorted(),
      [
        ['delivery.attempted', 40, undefined],
        ['delivery.attempted', 40, failing - 1],
        ['service.started', 30, undefined],
        ['service.stopped', 30, undefined],
        ['webhook.received', 40, undefined],
        ['webhook.received', 40, strangers - 1],
      ].toSorted(),
    );
  });

  it('nothing is written while nothing happens, whoever asks for health, metrics and queues that are empty', async (t) => {
    const service = await open(t, { CHASQUI_LOG_LEVEL: 'info' });
    await subscribe(service, { http: false, queue: true });
    const client = new SmqClient(service.url, key);
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(await client.receive(receiptQueue, 1), []);
      assert.equal(await countLost(service), 0);
    }
    await client.close();
    assert.equal(await service.stop(), 0);
    assert.deepEqual(
      toLines(service.output()).map(({ msg }) => msg),
      ['service.started', 'service.stopped'],
    );
  });
});

function toGap(from: Line | undefined, to: unknown): number {
  return Date.parse(String(to)) - Date.parse(String(from?.['time']));
}

it('at the level debug each webhook and each push has its line', async (t) => {
  const receiver = await openReceiver();
  t.after(() => receiver.close());
  const service = await open(t, { CHASQUI_LOG_LEVEL: 'debug' });
  await subscribe(service, { http: true, queue: false, inboundUrl: `${receiver.url}/inbound` });
  await burst(50, (index) => say(service, String(index)));
  await waitUntil(
    'every receipt was pushed',
    60_000,
    () => countReceipts(receiver.calls.map(({ body }) => body)) >= 50,
  );
  assert.equal(await service.stop(), 0);
  const count = (event: string): number =>
    toLines(service.output()).filter(({ msg }) => msg === event).length;
  assert.equal(count('webhook.received'), 50);
  assert.equal(count('delivery.attempted'), receiver.calls.length);
});

it('a log in a file is opened anew by SIGHUP, with nothing missing in either file', async (t) => {
  const file = join(makeFolder(t), 'chasqui.log');
  const service = await open(t, { CHASQUI_LOG_LEVEL: 'debug', CHASQUI_LOG_FILE: file });
  await subscribe(service, { http: false, queue: true });
  await burst(20, (index) => say(service, `1${index}`));
  renameSync(file, `${file}.old`);
  service.process.kill('SIGHUP');
  await waitUntil('there is a new file', 60_000, () => existsSync(file));
  await burst(20, (index) => say(service, `2${index}`));
  assert.equal(await service.stop(), 0);
  const [former, latter] = [`${file}.old`, file].map((name) => toLines(readFileSync(name, 'utf8')));
  const count = (lines: readonly Line[] = []): number =>
    lines.filter(({ msg }) => msg === 'webhook.received').length;
  assert.equal(count(former) + count(latter), 40);
  assert.ok(count(latter) >= 20);
  assert.equal(latter?.at(-1)?.['msg'], 'service.stopped');
  assert.deepEqual(toLines(service.output()), [], 'nothing of it is on standard output');
});

describe('a log that cannot be written stops nothing and loses no receipt', () => {
  it(
    'on a full disk, which is told on standard error and counted',
    { skip: !existsSync('/dev/full') },
    async (t) => {
      const receiver = await openReceiver();
      t.after(() => receiver.close());
      const service = await open(t, { CHASQUI_LOG_LEVEL: 'debug', CHASQUI_LOG_FILE: '/dev/full' });
      await subscribe(service, { http: true, queue: true, inboundUrl: `${receiver.url}/inbound` });
      await burst(50, (index) => say(service, String(index)));
      await waitUntil(
        'every receipt was pushed',
        60_000,
        () => countReceipts(receiver.calls.map(({ body }) => body)) >= 50,
      );
      await waitUntil('the lines are counted', 60_000, async () => (await countLost(service)) > 50);
      await waitUntil('standard error tells it', 60_000, () =>
        /^The log cannot be written \(ENOSPC\)/m.test(service.output()),
      );
      assert.equal(await service.stop(), 0);
    },
  );

  it('on standard output and standard error whose readers are gone', async (t) => {
    const service = await open(t, { CHASQUI_LOG_LEVEL: 'debug' });
    await subscribe(service, { http: false, queue: true });
    service.process.stdout?.destroy();
    service.process.stderr?.destroy();
    await burst(20, (index) => say(service, String(index)));
    await waitUntil('lost lines are counted', 60_000, async () => (await countLost(service)) > 0);
    assert.equal(await pull(service, 20), 20);
    assert.equal(await service.stop(), 0);
  });

  it('on standard output that nobody reads any more', async (t) => {
    const service = await open(t, { CHASQUI_LOG_LEVEL: 'debug' });
    await subscribe(service, { http: false, queue: true });
    service.process.stdout?.pause();
    // More than the pipe and what may wait hold together.
    const agent = new Agent({ connections: 16 });
    t.after(() => agent.close());
    const stranger = async (): Promise<void> => {
      const url = `${service.url}/hooks/whatsapp/nobody`;
      const { body } = await request(url, { method: 'POST', body: '{}', dispatcher: agent });
      await body.dump();
    };
    await waitUntil('lines are lost', 120_000, async () => {
      await burst(500, stranger);
      return (await countLost(service)) > 0;
    });
    await waitUntil('standard error tells it', 60_000, () =>
      /^The log cannot be written \(nobody reads it/m.test(service.output()),
    );
    await burst(20, (index) => say(service, String(index)));
    assert.equal(await pull(service, 20), 20);
    // It ends by itself although nobody takes the rest; only then is the pipe let go.
    service.process.kill('SIGTERM');
    await waitUntil('the process has ended', 60_000, () => service.process.exitCode !== null);
    service.process.stdout?.resume();
    assert.equal(service.process.exitCode, 0);
  });
});
