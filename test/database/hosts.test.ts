// Nodes that are told of several hosts: they work at the one that takes writes, and go with it where it goes.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import { callCommand } from '../support/operator-commands.ts';
import { letPollBegin } from '../support/pace.ts';
import { openPostgres } from '../support/postgres.ts';
import type { Postgres } from '../support/postgres.ts';
import { rootAccount, startService, waitUntil } from '../support/service.ts';
import type { Service } from '../support/service.ts';
import { SmqClient } from '../support/smq-client.ts';
import { openStandby } from '../support/standby.ts';
import { masterKey } from './bed.ts';

const key = { id: rootAccount.keyId, secret: rootAccount.keySecret };
const authorization = `Basic ${Buffer.from(`${key.id}:${key.secret}`).toString('base64')}`;
const own = "SELECT count(*)::int AS count FROM pg_stat_activity WHERE application_name = 'chasqui'";

let first: Postgres;
let second: Postgres;
let env: Record<string, string>;
let nodes: Service[];

before(async () => {
  first = await openPostgres({ durable: false });
  const name = new URL(await first.createDatabase()).pathname.slice(1);
  second = await openStandby(first);
  const hosts = [second, first].map(({ port }) => `127.0.0.1:${port}`).join(',');
  env = {
    DATABASE_URL: `postgres://postgres:hunter2@${hosts}/${name}?target_session_attrs=read-write`,
    MASTER_KEY: masterKey,
    CHASQUI_LOG_LEVEL: 'info',
  };
  const start = () => startService({ dataDir: '/nowhere', env });
  nodes = [await start(), await start()];
});
after(async () => {
  for (const node of nodes) await node.kill();
  await second.close();
  await first.close();
});

async function call(node: Service, method: Dispatcher.HttpMethod, path: string, body?: unknown) {
  const answer = await request(`${node.url}${path}`, {
    method,
    headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

function toName({ port }: Postgres): string {
  return `127.0.0.1:${port}`;
}

async function hostOf(node: Service): Promise<unknown> {
  const { status, text } = await call(node, 'GET', '/health/ready');
  return status === 200 ? (JSON.parse(text) as { databaseHost?: string }).databaseHost : status;
}

/** Sends by one node what another one waits for, which a notification tells it. */
async function wake(queue: string, body: string): Promise<void> {
  const [one, two] = nodes;
  assert.ok(one !== undefined && two !== undefined);
  const [sender, receiver] = [new SmqClient(one.url, key), new SmqClient(two.url, key)];
  try {
    const waiting = receiver.receive(queue, 12);
    await letPollBegin();
    assert.equal((await sender.send(queue, body)).status, 201);
    const [message] = await waiting;
    assert.equal(message?.body, body);
    assert.equal((await receiver.delete(queue, message.handle)).status, 204);
  } finally {
    await sender.close();
    await receiver.close();
  }
}

it('a node works at the host that takes writes, though another stands first, and tells which', async () => {
  const [one] = nodes;
  assert.ok(one !== undefined);
  for (const node of nodes) {
    assert.equal(await hostOf(node), toName(first));
    const { text } = await call(node, 'GET', '/metrics');
    assert.match(text, new RegExp(`^chasqui_database_host{host="${toName(first)}"} 1$`, 'm'));
    assert.match(node.output(), new RegExp(`"databaseHost":"${toName(first)}"`));
  }
  const smq = new SmqClient(one.url, key);
  assert.equal((await smq.createQueue('moved')).status, 201);
  await smq.close();
  await wake('moved', 'before');
});

it('commands at the machine of the service find the same host', async () => {
  const made = await callCommand(['keys', 'create', '--yes', '--json'], env);
  assert.equal(made.code, 0, made.stderr);
  const checked = await callCommand(['check'], env);
  assert.match(checked.stdout, /The database is whole/, checked.stderr);
  const { DATABASE_URL = '' } = env;
  const nowhere = DATABASE_URL.replace(`,${toName(first)}`, `,${toName(second)}`);
  const refused = await callCommand(['check'], { ...env, DATABASE_URL: nowhere });
  assert.match(
    refused.stderr,
    new RegExp(`none of its hosts takes writes \\(${toName(second)}: it is a standby`),
  );
  assert.doesNotMatch(refused.stderr, /hunter2/);
});

it('a node whose host takes no writes any more goes to the one that does, with all of its connections', async () => {
  await first.query('ALTER SYSTEM SET default_transaction_read_only = on');
  await first.query('SELECT pg_reload_conf()');
  for (const node of nodes)
    await waitUntil('it is refused', 10_000, async () => (await hostOf(node)) === 503);
  await second.query('SELECT pg_promote()');
  for (const node of nodes)
    await waitUntil('it is there', 10_000, async () => (await hostOf(node)) === toName(second));
  const countThere = async (): Promise<number> => Number((await first.query(own))[0]?.['count']);
  await waitUntil('nothing is left at the first', 10_000, async () => (await countThere()) === 0);
  await wake('moved', 'after');
  for (const node of nodes) {
    assert.match(
      node.output(),
      /"host":"127\.0\.0\.1:\d+","before":"127\.0\.0\.1:\d+","msg":"database\.moved"/,
    );
    assert.match((await call(node, 'GET', '/metrics')).text, /^chasqui_database_moves_total 1$/m);
    assert.doesNotMatch(node.output(), /hunter2/);
  }
});

it('a node whose host is gone waits for it while the other one is none that takes writes', async () => {
  await first.stop();
  await second.kill();
  for (const node of nodes)
    await waitUntil('it says so', 10_000, async () => {
      const { status, text } = await call(node, 'GET', '/health/ready');
      return status === 503 && text.includes('none of its hosts takes writes');
    });
  await second.start();
  for (const node of nodes)
    await waitUntil('it is back', 10_000, async () => (await hostOf(node)) === toName(second));
  await wake('moved', 'again');
});
