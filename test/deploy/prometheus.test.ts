// The alarms and the dashboard that come along: played by Prometheus's own tool, and evaluated by a Prometheus that scrapes a service as
// an operator starts it.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { request } from 'undici';
import { parse } from 'yaml';
import { openTelemetry } from '../../src/telemetry/telemetry.ts';
import { toOutput } from '../support/log-output.ts';
import { signRpc } from '../support/cams-client.ts';
import { openReceiver } from '../support/receiver.ts';
import { bareEnv, findFreePort, rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import {
  configFile,
  findMentions,
  readAlarms,
  readDashboard,
  readSeries,
  rulesFile,
  rulesTestFile,
} from './monitoring.ts';
import { findProgram } from './podman.ts';

const [promtool, prometheus] = ['promtool', 'prometheus'].map(findProgram);
/** What Prometheus adds to each series by itself. */
const ofPrometheus = ['instance', 'job'];
/** What has no series at one node on its embedded store. */
const elsewhere = /^chasqui_database_/;

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
const number = '15550100001';

async function call(service: Service, method: 'PUT' | 'POST', path: string, body: unknown): Promise<void> {
  const answer = await request(`${service.url}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.statusCode < 300, `${path}: ${answer.statusCode} ${await answer.body.text()}`);
  await answer.body.dump();
}

/** A service with everything that it may tell of once `play` was called: what is taken, repeated, refused, waits, and is sent. */
async function openBusyService(t: TestContext): Promise<{ service: Service; play: () => Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-prometheus-'));
  let posts = 0;
  const receiver = await openReceiver(({ path }, response) => {
    posts += 1;
    if (path === '/busy') response.writeHead(503, { 'retry-after': '3600' }).end();
    else response.writeHead(posts % 5 === 0 ? 500 : 200).end('{"code":0}');
  });
  const backups = mkdtempSync(join(tmpdir(), 'chasqui-backups-'));
  const service = await startService({
    dataDir,
    env: { CHASQUI_BACKUP_EVERY: '1h', CHASQUI_BACKUP_TO: backups },
  });
  t.after(async () => {
    await service.kill();
    await receiver.close();
    for (const folder of [dataDir, backups]) rmSync(folder, { recursive: true });
  });
  const appSecret = '0123456789abcdef0123456789abcdef';
  const sandbox = `/api/v1/channels/sandbox/senders/${number}/webhook`;
  await call(service, 'PUT', sandbox, {
    http: true,
    queue: true,
    inboundUrl: `${receiver.url}/busy`,
    statusUrl: `${receiver.url}/taken`,
  });
  const credentials = { appSecret, verifyToken: 'verify', accessToken: 'token' };
  await call(service, 'PUT', '/api/v1/channels/shop', {
    type: 'whatsapp',
    wabaId: '102290129340398',
    credentials,
  });
  // A field that nobody knows is kept with a remark.
  const strange = JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes: [{ field: 'brand_new', value: {} }] }],
  });
  const smq = new SmqClient(service.url, key);
  t.after(() => smq.close());
  const say = (id: string): Promise<void> =>
    call(service, 'POST', `/sandbox/${number}/inbound`, {
      id,
      from: '15550002222',
      type: 'text',
      text: 'hello',
    });
  const send = async (): Promise<void> => {
    const { target, headers, body, method } = signRpc(key, 'SendChatappMessage', {
      ChannelType: 'whatsapp',
      Type: 'message',
      MessageType: 'text',
      From: number,
      To: '15550002220',
      Content: JSON.stringify({ text: 'hello' }),
    });
    const answer = await request(service.url + target, { method, headers, body });
    const text = await answer.body.text();
    assert.match(text, /"Code":\s*"OK"/i, text);
  };
  let round = 0;
  const play = async (): Promise<void> => {
    round += 1;
    await say(`${round}`);
    await say(`${round}`);
    await send();
    const signature = createHmac('sha256', appSecret).update(strange).digest('hex');
    const { body } = await request(`${service.url}/hooks/whatsapp/shop`, {
      method: 'POST',
      headers: { 'x-hub-signature-256': `sha256=${signature}` },
      body: strange,
    });
    await body.dump();
    await smq.receive(`Alicom-Queue-${rootAccount.accountId}-ChatAppStatus`, 0);
  };
  return { service, play };
}

/** What only other circumstances bring about, told by the same code: unforeseen failures, TLS, a shared database. */
function tellRest(): Promise<string> {
  const { emit, metricsText } = openTelemetry({
    level: 'silent',
    openOutput: () => toOutput(() => undefined),
  });
  emit('unit.crashed', { unit: 'test', error: new Error() });
  emit('channel.unrecognized', {
    accountId: 1,
    channelId: 'wa',
    channelType: 'whatsapp',
    call: 'send',
    code: '1',
  });
  const nothing = async () => [];
  return metricsText({
    clockAheadSeconds: () => 0,
    oldestUndelivered: nothing,
    pauses: nothing,
    failingTargets: async () => [{ accountId: 0, targetId: 'email', seconds: 1 }],
    queues: nothing,
  });
}

describe('each alarm', () => {
  const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const sections = new Map(
    page
      .split(/^#{2,3} /m)
      .slice(1)
      .map((text) => [toAnchor(text.slice(0, text.indexOf('\n'))), text]),
  );

  it('has a severity that the page lists it under, a sentence, and a section that says what to look at, to do, and when it is over', () => {
    for (const { alert, labels, annotations } of readAlarms()) {
      const { severity = '' } = labels;
      const row = new RegExp(`^\\| \`${severity}\` \\|.*\`${alert}\``, 'm');
      assert.match(page, row, `${alert} is ${severity}`);
      assert.match(annotations['summary'] ?? '', /^\S.*\.$/, alert);
      const [file, anchor = ''] = (annotations['runbook'] ?? '').split('#');
      assert.equal(file, 'docs/operations.md', alert);
      const section = sections.get(anchor);
      assert.ok(section !== undefined && section.includes(`\`${alert}\``), `${anchor} tells of ${alert}`);
      for (const part of ['**Look at** ', '**Do** ', '**Over when** '])
        assert.ok(section.includes(`- ${part}`), `${anchor} has ${part}`);
    }
  });

  it('is one that the page speaks of, and the other way round', () => {
    const listed = page
      .match(/^\| `(?:critical|warning|info)` \|.*$/gm)
      ?.flatMap((row) => row.match(/Chasqui\w+/g) ?? []);
    assert.deepEqual(
      listed?.toSorted(),
      readAlarms()
        .map(({ alert }) => alert)
        .toSorted(),
    );
  });

  it('is played firing and not firing', () => {
    const { tests } = parse(readFileSync(rulesTestFile, 'utf8')) as {
      tests: readonly { alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[] }[];
    };
    const played = tests.flatMap(({ alert_rule_test: each }) =>
      each.map(({ alertname, exp_alerts: expected }) => `${alertname} ${expected.length > 0}`),
    );
    for (const { alert } of readAlarms())
      for (const fires of [true, false]) assert.ok(played.includes(`${alert} ${fires}`), `${alert} ${fires}`);
  });

  it(
    'does as it should by the tool of Prometheus',
    { skip: promtool === undefined && 'promtool is not installed, so the alarms are not played' },
    () => {
      const run = (...args: string[]): string =>
        execFileSync(promtool ?? '', args, {
          encoding: 'utf8',
          env: bareEnv,
          stdio: ['ignore', 'pipe', 'pipe'],
        });
      assert.match(
        run('check', 'config', configFile),
        new RegExp(`SUCCESS: ${readAlarms().length} rules found`),
      );
      assert.match(run('test', 'rules', rulesTestFile), /SUCCESS/);
    },
  );
});

/** As GitHub makes an anchor of a heading. */
function toAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .replaceAll(/\s/g, '-');
}

describe('the dashboard', () => {
  const { panels, templating } = readDashboard();

  it('asks whichever Prometheus is chosen, and says of each panel what it shows, in which unit', () => {
    assert.deepEqual(
      templating.list.map(({ name, type }) => [name, type]),
      [
        ['datasource', 'datasource'],
        ['instance', 'query'],
      ],
    );
    const chosen = { type: 'prometheus', uid: '${datasource}' };
    const shown = panels.filter(({ type }) => type !== 'row');
    assert.ok(shown.length > 20);
    for (const { title, description, datasource, fieldConfig, targets = [] } of shown) {
      assert.ok(title.length > 3 && (description ?? '').endsWith('.'), title);
      assert.match(fieldConfig?.defaults.unit ?? '', /^(?:s|short|bytes|percentunit|reqps|cps|ops)$/, title);
      assert.ok(targets.length > 0, title);
      assert.deepEqual(
        [datasource, ...targets.map((one) => one.datasource)],
        [chosen, ...targets.map(() => chosen)],
      );
      assert.ok(
        targets.every(({ legendFormat }) => legendFormat !== ''),
        title,
      );
    }
    assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  });

  it('has no panel upon another', () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.ok(x < 24 && !taken.has(`${x} ${y}`), title);
          taken.add(`${x} ${y}`);
        }
  });
});

it('alarms and panels speak of metrics and labels that a started service tells, and of no others', async (t) => {
  const { service, play } = await openBusyService(t);
  const queries = [
    ...readAlarms().map(({ alert, expr }) => [alert, expr] as const),
    ...readDashboard().panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => [title, expr.replaceAll(/\$__rate_interval/g, '1m')] as const),
    ),
  ];
  const rest = readSeries(await tellRest());
  const findMissing = async (): Promise<readonly string[]> => {
    const told = readSeries(await (await request(`${service.url}/metrics`)).body.text());
    return queries.flatMap(([where, query]) => {
      const { metrics, groups } = findMentions(query);
      assert.ok(metrics.length > 0, where);
      const labelsOf = (metric: string): readonly string[] => [
        ...ofPrometheus,
        ...(told.get(metric) ?? []),
        ...(rest.get(metric) ?? []),
      ];
      const missing = metrics.flatMap(({ metric, labels }) => [
        ...(metric === 'up' || told.has(metric) ? [] : [metric]),
        ...labels.filter((label) => !labelsOf(metric).includes(label)).map((label) => `${metric}{${label}}`),
      ]);
      const known = new Set(metrics.flatMap(({ metric }) => labelsOf(metric)));
      return [...missing, ...groups.filter((label) => !known.has(label))].map((what) => `${where}: ${what}`);
    });
  };
  // What is pushed, sent and counted of it comes after the answers.
  let missing: readonly string[] = [];
  await waitUntil('the service tells everything', 60_000, async () => {
    await play();
    missing = await findMissing();
    return missing.length === 0;
  }).catch(() => assert.deepEqual(missing, []));
});

it(
  'a Prometheus that scrapes a service takes the rules, alarms of nothing, and has an answer for every panel',
  { skip: prometheus === undefined && 'prometheus is not installed, so nothing is scraped' },
  async (t) => {
    const { service, play } = await openBusyService(t);
    const ask = await openPrometheus(t, new URL(service.url).host);
    await waitUntil('a node is ready by Prometheus', 60_000, async () => {
      const { result } = (await ask('/query?query=chasqui_ready')) as { result: readonly unknown[] };
      return result.length === 1;
    });
    const waiting = new Map(
      readDashboard()
        .panels.filter(({ targets = [] }) => targets.some(({ expr }) => !elsewhere.test(expr)))
        .map(({ title, targets = [] }) => [title, targets.map(({ expr }) => expr)]),
    );
    await waitUntil('every panel shows something', 120_000, async () => {
      await play();
      for (const [title, expressions] of waiting) {
        const answers = expressions.map(async (expr) => {
          const query = expr.replaceAll('$__rate_interval', '15s').replaceAll('$instance', '.*');
          const { result } = (await ask(`/query?query=${encodeURIComponent(query)}`)) as {
            result: readonly unknown[];
          };
          return result.length;
        });
        if ((await Promise.all(answers)).some((count) => count > 0)) waiting.delete(title);
      }
      return waiting.size === 0;
    }).catch(() => assert.deepEqual([...waiting.keys()], [], 'panels that show nothing'));

    const { groups } = (await ask('/rules')) as {
      groups: readonly { readonly rules: readonly { name: string; health: string; lastError?: string }[] }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    assert.deepEqual(
      rules.map(({ name, health, lastError }) => [name, health, lastError]),
      readAlarms().map(({ alert }) => [alert, 'ok', undefined]),
    );
    const { alerts } = (await ask('/alerts')) as {
      alerts: readonly { readonly labels: Readonly<Record<string, string>>; readonly state: string }[];
    };
    const firing = alerts.filter(
      ({ state, labels }) => state === 'firing' && labels['severity'] === 'critical',
    );
    assert.deepEqual(firing, []);
  },
);

/** Prometheus by the configuration of deploy/, looking every second at one node; asks its API. */
async function openPrometheus(t: TestContext, target: string): Promise<(path: string) => Promise<unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-prometheus-'));
  const config = join(folder, 'prometheus.yaml');
  writeFileSync(
    config,
    readFileSync(configFile, 'utf8')
      .replaceAll(/_interval: 15s/g, '_interval: 1s')
      .replace('rules.yaml', rulesFile)
      .replace("'127.0.0.1:8080'", `'${target}'`),
  );
  const port = await findFreePort();
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(prometheus ?? '', args, { env: bareEnv, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'close');
  t.after(async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  });
  await waitUntil('Prometheus is ready', 60_000, async () => {
    assert.equal(child.exitCode, null, errors);
    const answer = await request(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  });
  return async (path) => {
    const answer = await request(`http://127.0.0.1:${port}/api/v1${path}`);
    const text = await answer.body.text();
    assert.equal(answer.statusCode, 200, `${path}: ${text}`);
    return (JSON.parse(text) as { data: unknown }).data;
  };
}
