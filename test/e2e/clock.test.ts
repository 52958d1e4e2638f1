// The service on a machine whose clock is set to something else for a while: nothing is taken on by that time, nothing is lost by
// it, and all goes on when it is right.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { bareEnv, rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';

const skewedClock = fileURLToPath(new URL('../support/skewed-clock.ts', import.meta.url));
const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));
const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
const day = 24 * 60 * 60_000;
const limitMs = 60_000;

interface Machine {
  readonly dataDir: string;
  readonly set: (aheadMs: number) => void;
  readonly start: () => Promise<Service>;
  readonly env: Record<string, string>;
}

function openMachine(t: TestContext): Machine {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-clock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'clock');
  const dataDir = join(folder, 'data');
  const set = (aheadMs: number): void => writeFileSync(file, String(aheadMs));
  set(0);
  const env = { CLOCK_FILE: file };
  const nodeArgs = ['--import', skewedClock];
  return { dataDir, set, env, start: () => startService({ dataDir, nodeArgs, env }) };
}

async function call(service: Service, method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown) {
  const answer = await request(`${service.url}${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

/** Runs a command of the command line against a service. */
function run(
  service: Service,
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const env = {
    ...bareEnv,
    CHASQUI_URL: service.url,
    CHASQUI_KEY_ID: key.id,
    CHASQUI_KEY_SECRET: key.secret,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

const readiness = (service: Service) => call(service, 'GET', '/health/ready');
const post = async (service: Service, messageId: string) =>
  (
    await call(service, 'POST', '/sandbox/15550100001/inbound', {
      id: messageId,
      from: '15550002222',
      type: 'text',
      text: 'hello',
    })
  ).status;

async function subscribe(service: Service): Promise<void> {
  const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
  const settings = { http: false, queue: true, types: ['ChatAppInbound'] };
  const { status, text } = await call(service, 'PUT', path, settings);
  assert.equal(status, 200, text);
}

for (const [name, aheadMs] of [
  ['eight days ahead', 8 * day],
  ['to 2040', Date.UTC(2040) - Date.now()],
  ['an hour back', -day / 24],
] as const)
  test(`a clock that is set ${name} stops the service until it is right, and leaves what it keeps`, async (t) => {
    const machine = openMachine(t);
    const service = await machine.start();
    t.after(() => service.kill());
    await subscribe(service);
    for (let count = 0; count < 5; count += 1) assert.equal(await post(service, `before.${count}`), 201);
    machine.set(aheadMs);
    await waitUntil('it is not ready', limitMs, async () => (await readiness(service)).status === 503);
    assert.match((await readiness(service)).text, /The clock of this machine was set/);
    assert.equal(await post(service, 'refused'), 503);
    await waitUntil('a person is told', limitMs, async () =>
      (await call(service, 'GET', '/api/v1/notices')).text.includes('clock_off'),
    );
    machine.set(0);
    await waitUntil('it is ready', limitMs, async () => (await readiness(service)).status === 200);
    assert.equal(await post(service, 'after'), 201);
    const { text } = await call(service, 'GET', '/api/v1/receipts?limit=1');
    const { items } = JSON.parse(text) as { items: readonly { recordedAt: string }[] };
    assert.ok(Math.abs(Date.parse(items[0]?.recordedAt ?? '') - Date.now()) < limitMs);
    const smq = new SmqClient(service.url, key);
    const queue = `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`;
    assert.equal((await smq.receive(queue, 5)).length, 6);
    assert.equal(await service.stop(), 0);
    const told = service.output().match(/"msg":"(?:clock\.\w+|unit\.crashed)"/g);
    assert.deepEqual(told, ['"msg":"clock.doubted"'], 'once, and no crash');
  });

test('a start with a clock of 2040, or of 1970, takes nothing on by it, and needs no restart once it is right', async (t) => {
  const machine = openMachine(t);
  const first = await machine.start();
  await subscribe(first);
  assert.equal(await post(first, 'before'), 201);
  assert.equal(await first.stop(), 0);
  for (const at of [Date.UTC(2040), 1000]) {
    machine.set(at - Date.now());
    const starting = machine.start();
    const timer = setTimeout(() => machine.set(0), 4000);
    // It becomes ready only because the clock is set right.
    const service = await starting;
    clearTimeout(timer);
    assert.equal(await post(service, `at ${at}`), 201);
    const { text } = await call(service, 'GET', '/api/v1/receipts?limit=1');
    const { items } = JSON.parse(text) as { items: readonly { recordedAt: string }[] };
    assert.ok(Math.abs(Date.parse(items[0]?.recordedAt ?? '') - Date.now()) < limitMs);
    await service.stop();
  }
});

test('a clock that a person says is right is worked by at once, and what is old by it goes once he has been told', async (t) => {
  const machine = openMachine(t);
  const service = await machine.start();
  t.after(() => service.kill());
  await subscribe(service);
  for (let count = 0; count < 60; count += 1) assert.equal(await post(service, `before.${count}`), 201);
  machine.set(20 * day);
  await waitUntil('it is not ready', limitMs, async () => (await readiness(service)).status === 503);
  const shown = await run(service, 'clock', 'show');
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /20 days ahead[^]*No sweep waits\./);
  // Nobody sits before it, so it says what it would do and does nothing, as it is when it is only to be told.
  const asked = await run(service, 'clock', 'confirm');
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /20 days ahead[^]*This takes the clock for right[^]*--yes/);
  const dry = await run(service, 'clock', 'confirm', '--dry-run', '--json');
  assert.equal(dry.code, 0, dry.stderr);
  assert.match((JSON.parse(dry.stdout) as { doubt: string }).doubt, /20 days ahead/);
  assert.equal((await readiness(service)).status, 503);
  const said = await run(service, 'clock', 'confirm', '--yes', '--json');
  assert.equal(said.code, 0, said.stderr);
  const { doubt, now } = JSON.parse(said.stdout) as { doubt: string | null; now: string };
  assert.equal(doubt, null);
  assert.ok(Math.abs(Date.parse(now) - Date.now() - 20 * day) < limitMs);
  assert.equal((await readiness(service)).status, 200);
  assert.equal(await post(service, 'after'), 201);
  // What is old by that time is another question, and is asked with the numbers.
  await waitUntil('he is told', limitMs, async () =>
    (await call(service, 'GET', '/api/v1/notices')).text.includes('sweep_held'),
  );
  assert.match((await run(service, 'clock', 'show')).stdout, /A sweep waits[^]*queue_messages: 60/);
  assert.equal((await run(service, 'clock', 'confirm', '--yes')).code, 0);
  await waitUntil('it went', limitMs, async () =>
    (await run(service, 'clock', 'show')).stdout.includes('No sweep waits.'),
  );
  // It was not right after all: what is kept is ahead of the time now, which no word of a person helps.
  machine.set(0);
  await waitUntil('it is not ready', limitMs, async () => (await readiness(service)).status === 503);
});
