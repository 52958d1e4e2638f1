// The calls of the pages on the admin API and the sandbox, and the commands of the command line's, made as they stand there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { openClient } from '../../src/http/client.ts';
import { machineTime } from '../../src/runtime/clock.ts';
import { openSimulator } from '../../src/simulators/simulator.ts';
import type { Vendor } from '../../src/simulators/simulator.ts';
import { viberBot } from '../../src/simulators/viber/bot.ts';
import { whatsapp } from '../../src/simulators/whatsapp/vendor.ts';
import { openReceiver } from '../support/receiver.ts';
import { readBlocks, runScript } from '../support/page.ts';
import { bareEnv, rootAccount, startService, waitUntil } from '../support/service.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'src/cli/commands.ts');
const key = `${rootAccount.keyId}:${rootAccount.keySecret}`;

interface Call {
  readonly status: number;
  readonly asked: string;
  readonly answer: string;
}

/** A reader with a service, whose `curl` ends after 5 s and notes what was answered, and whose `npx chasqui` is this one. */
async function openReader(t: TestContext, vendor?: { readonly address: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-calls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const receiver = await openReceiver();
  t.after(() => receiver.close());
  const service = await startService({
    dataDir: join(folder, 'data'),
    env: {
      CHASQUI_GRAPH_URL: vendor?.address ?? receiver.url,
      CHASQUI_VIBER_BOT_URL: vendor?.address ?? receiver.url,
      CHASQUI_VIBER_BUSINESS_URL: receiver.url,
    },
  });
  t.after(() => service.stop());
  const log = join(folder, 'calls');
  const programs = {
    curl: `exec 3>>"${log}"; PATH="$REAL_PATH" curl -s -m 5 -o answer -w '%{http_code} %{method} %{url}\\n' "$@" >&3
      { tr -d '\\n' <answer; echo; } >&3`,
    npx: `shift; exec "${process.execPath}" "${cli}" "$@"`,
    // Prints one member of the first line, as jq does of each.
    jq: `head -n 1 | "${process.execPath}" -e '
      const line = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
      const found = process.argv[1].slice(1).split(".").reduce((part, name) => part?.[name] ?? null, line);
      console.log(JSON.stringify(found));' -- "$1" >jq-said`,
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = {
    ...bareEnv,
    REAL_PATH: bareEnv['PATH'],
    PATH: `${folder}:${bareEnv['PATH'] ?? ''}`,
    CHASQUI_URL: service.url,
    CHASQUI_KEY_ID: rootAccount.keyId,
    CHASQUI_KEY_SECRET: rootAccount.keySecret,
  };
  const call = async (
    method: 'GET' | 'PUT' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<Record<string, unknown>> => {
    const answer = await request(`${service.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(key).toString('base64')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return (await answer.body.json()) as Record<string, unknown>;
  };
  const readCalls = (): readonly Call[] => {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    return lines.flatMap((line, at) => {
      const [status = '', ...asked] = line.split(' ');
      return at % 2 === 0
        ? [{ status: Number(status), asked: asked.join(' '), answer: lines[at + 1] ?? '' }]
        : [];
    });
  };
  return { folder, env, service, receiver, call, readCalls };
}

type Reader = Awaited<ReturnType<typeof openReader>>;

/** Has both kinds of receipts of the sandbox's number pushed and queued, and one of each come. */
async function playReceipts({ call, receiver, service }: Reader) {
  await call('PUT', '/api/v1/channels/sandbox/senders/15550100001/webhook', {
    http: true,
    queue: true,
    statusUrl: `${receiver.url}/status`,
    inboundUrl: `${receiver.url}/inbound`,
  });
  await call('POST', '/sandbox/15550100001/inbound', { from: '15550002220', type: 'text', text: 'Hello' });
  const sent = await call('POST', '/api/v1/messages', {
    channelId: 'sandbox',
    senderId: '15550100001',
    to: '15550002220',
    type: 'text',
    text: 'Hello',
  });
  let deliveryId = '';
  await waitUntil('a delivery is done', 60_000, async () => {
    const { items } = (await call('GET', '/api/v1/deliveries?state=done')) as { items: { id: string }[] };
    deliveryId = items[0]?.id ?? '';
    return deliveryId !== '';
  });
  const { items } = (await call('GET', '/api/v1/receipts')) as { items: { receiptId: string }[] };
  const receiptId = items[0]?.receiptId ?? '';
  const { rawEvent } = (await call('GET', `/api/v1/receipts/${receiptId}`)) as { rawEvent: { id: string } };
  const { id: keyId } = (await call('POST', '/api/v1/keys')) as { id: string };
  return {
    deliveryId,
    receiptId,
    rawEventId: rawEvent.id,
    keyId,
    messageId: String(sent['messageId']),
    url: service.url,
  };
}

/** Runs what is `sh` on a page, with a reader's own values in the place of the page's. */
async function runPage(
  { folder, env, service }: Reader,
  page: string,
  own: Readonly<Record<string, string>> = {},
) {
  const values = {
    '<access key id>:<access key secret>': key,
    'http://127.0.0.1:8080': service.url,
    ...own,
  };
  for (const { language, text } of readBlocks(page)) {
    if (language !== 'sh' || text.includes('--data-dir') || text.includes('npm start')) continue;
    const script = Object.entries(values).reduce(
      (said, [theirs, mine]) => said.replaceAll(theirs, mine),
      text,
    );
    assert.doesNotMatch(script, /<[a-z]|…/i, 'a value that a reader has to put in');
    const exports = `export CHASQUI=${service.url} KEY=${key}\n`;
    const { code, output } = await runScript(exports + script, folder, env);
    assert.equal(code, 0, `${script}\n${output}`);
  }
}

it('every call of the page on the admin API is answered as one that is understood', async (t) => {
  const reader = await openReader(t);
  const { deliveryId, receiptId, rawEventId, keyId, messageId } = await playReceipts(reader);
  await reader.call('PUT', '/api/v1/channels/vbm', {
    type: 'viber',
    credentials: { pathSecret: 'a-secret-of-a-path' },
  });
  await reader.call('PUT', '/api/v1/channels/vbm/senders/42', {});
  await runPage(reader, 'docs/api.md', {
    '202611010930000000001': messageId,
    '<uid>': rootAccount.accountId,
    '<receiptId>': receiptId,
    '<rawEvent.id>': rawEventId,
    'deliveries/<id>': `deliveries/${deliveryId}`,
    'keys/<id>': `keys/${keyId}`,
    '<name>': `Alicom-Queue-${rootAccount.accountId}-ChatAppInbound`,
    '"…"': '"a-secret"',
    'https://example.com': reader.receiver.url,
    'https://crm.example.com': reader.receiver.url,
  });
  const calls = reader.readCalls();
  assert.ok(calls.length > 30, String(calls.length));
  const isRefused = ({ status }: Call): boolean => status < 200 || status > 299;
  assert.deepEqual(
    calls.filter(isRefused).map(({ status, asked }) => [status, asked.replace(reader.service.url, '')]),
    // Settings name its URL, as the page says of it.
    [[409, 'DELETE /api/v1/destinations/1?dryRun=true']],
    JSON.stringify(calls.filter(isRefused)),
  );
});

/** A vendor that knows what a page says that it knows. */
async function openVendor(t: TestContext, vendor: Vendor, options: Readonly<Record<string, string>>) {
  const client = openClient({ egressAllow: ['127.0.0.0/8'], ...machineTime });
  const simulator = await openSimulator(vendor, { client, options });
  t.after(async () => {
    await simulator.close();
    await client.close();
  });
  return simulator;
}

it('every call of the page on WhatsApp works, up to the first receipt', async (t) => {
  const vendor = await openVendor(t, whatsapp, {
    'waba-id': '102290129340398',
    'phone-number': '15550107777',
    'phone-number-id': '106540352242922',
    'app-secret': 'secret',
    'access-token': 'secret',
  });
  const reader = await openReader(t, vendor);
  await runPage(reader, 'docs/channel-whatsapp.md', {
    '"…"': '"secret"',
    // A simulator has no public address, as the page says.
    'channels check shop ': 'channels check shop || [ $? = 1 ] ',
  });
  assert.deepEqual(
    reader.readCalls().map(({ status }) => status),
    [201, 201, 200],
  );
  await vendor.act('message', { from: '15552000001', type: 'text', text: { body: 'hi' } });
  await waitUntil('its receipt is there', 60_000, async () => {
    const { items } = (await reader.call('GET', '/api/v1/receipts?type=ChatAppInbound')) as {
      items: unknown[];
    };
    return items.length === 1;
  });
});

it('every call of the page on Viber works', async (t) => {
  const vendor = await openVendor(t, viberBot, { 'auth-token': 'secret' });
  const reader = await openReader(t, vendor);
  await runPage(reader, 'docs/channel-viber.md', {
    '"authToken":"…"': '"authToken":"secret"',
    '<16 characters or more>': 'a-secret-of-a-path',
  });
  assert.deepEqual(
    reader.readCalls().map(({ status }) => status),
    [201, 200, 201, 201, 201],
  );
});

it('every call of the page on the sandbox works', async (t) => {
  const reader = await openReader(t);
  await runPage(reader, 'docs/sandbox.md', { 'burst --count 1000': 'burst --count 10' });
  assert.deepEqual(
    reader.readCalls().map(({ status }) => status),
    [200, 201, 201],
  );
});

it('every command line of the page on the command line works, and shows what a user wrote', async (t) => {
  const reader = await openReader(t);
  const { keyId } = await playReceipts(reader);
  const script = runPage(reader, 'docs/cli.md', {
    'CHASQUI_KEY_ID=…': `CHASQUI_KEY_ID=${rootAccount.keyId}`,
    'CHASQUI_KEY_SECRET=…': `CHASQUI_KEY_SECRET=${rootAccount.keySecret}`,
    'LTAI…': keyId,
    '--destination 3': '--destination 1',
  });
  let isOver = false;
  const ended = script.finally(() => (isOver = true));
  // A tail ends when it has something to print that nobody reads any more.
  await Promise.all([
    ended,
    waitUntil('the tail has ended', 60_000, async () => {
      const message = { from: '15550002220', type: 'text', text: 'Hello' };
      if (!isOver) await reader.call('POST', '/sandbox/15550100001/inbound', message);
      return isOver;
    }),
  ]);
  assert.equal(readFileSync(join(reader.folder, 'jq-said'), 'utf8').trim(), '"Hello"');
});

it('the page on the command line names every command that there is', async () => {
  const listOf = (words: readonly string[]): readonly string[] => {
    const help = execFileSync(process.execPath, [cli, ...words, '--help'], {
      encoding: 'utf8',
      env: bareEnv,
    });
    const listed = help.split('\nCommands:\n')[1] ?? '';
    return [...listed.matchAll(/^ {2}([a-z-]+)(.*)$/gm)].flatMap(([, name = '', rest = '']) => {
      if (name === 'help') return [];
      const isGroup =
        words.length === 0 && !/^ \[options\]/.test(rest) && !['start', 'version', 'migrate'].includes(name);
      return isGroup ? listOf([name]).map((one) => `${name} ${one}`) : [name];
    });
  };
  const rows = [...readFileSync(join(root, 'docs/cli.md'), 'utf8').matchAll(/^\| (`.*?) \|/gm)];
  const told = rows.flatMap(([, cell = '']) => {
    let group = '';
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => {
      const words = code.replaceAll(/ <[^>]*>/g, '').split(' ');
      if (words.length > 1) group = words[0] ?? '';
      return words.length > 1 || group === '' ? words.join(' ') : `${group} ${words.join(' ')}`;
    });
  });
  const vendors = ['whatsapp', 'messenger', 'instagram', 'viber-bot', 'viber-business'].map(
    (name) => `simulate ${name}`,
  );
  const wanted = listOf([]).filter((name) => !vendors.includes(name));
  assert.ok(wanted.length > 30, String(wanted.length));
  assert.deepEqual(
    wanted.filter((name) => !told.includes(name)),
    [],
  );
});

it('no page uses a variable of the shell that it does not set', () => {
  const pages = [
    'README.md',
    ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ];
  const unset = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const blocks = [...text.matchAll(/^ *```(\S*)(?: \S+)?\n(.*?)^ *```$/gms)]
      .filter(([, language = '']) => ['', 'sh', 'bash'].includes(language))
      .map(([, , body = '']) => body)
      .join('');
    const used = [...blocks.matchAll(/\$([A-Z][A-Z_]*)/g)].map(([, name = '']) => name);
    return [...new Set(used)]
      .filter((name) => !new RegExp(`\\b${name}=|\\b${name}\``).test(text))
      .map((name) => `${page}: ${name}`);
  });
  assert.deepEqual(unset, []);
});
