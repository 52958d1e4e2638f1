import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { ApiClient } from '../../src/cli/api-client.ts';
import { writeCertificate } from '../support/certificate.ts';
import { bareEnv, findFreePort, rootAccount, startService } from '../support/service.ts';
import type { Service } from '../support/service.ts';

const cli = fileURLToPath(new URL('../../src/cli/commands.ts', import.meta.url));

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Record<string, string> = {}): Promise<Result> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { env: { ...bareEnv, ...env }, timeout: 600_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}

describe('the command line', () => {
  it('tells what it can do', async () => {
    const { code, stdout } = await run(['--help']);
    assert.equal(code, 0);
    for (const command of ['start', 'migrate', 'smoke', 'simulate', 'tail', 'replay', 'keys', 'config'])
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
  });

  it('tells how it is called, with what it cannot do without', async () => {
    assert.match(
      (await run(['backup', '--help'])).stdout,
      /^Usage: chasqui backup <folder> \[--setting value …\]$/m,
    );
  });

  it('says by its own flags which deliveries it has to be told', async () => {
    const key = { CHASQUI_KEY_ID: 'LTAI0000', CHASQUI_KEY_SECRET: 'none' };
    for (const [command, told] of [
      ['replay', /^Say which: --delivery, --destination, or --since \(and --until\)\.$/m],
      ['give-up --state open', /^Say of which destination: --destination\.$/m],
    ] as const) {
      const { code, stderr } = await run(command.split(' '), key);
      assert.equal(code, 2);
      assert.match(stderr, told);
    }
  });

  it('tells its version, which is a release', async () => {
    const { code, stdout } = await run(['version']);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+(?:-rc\.\d+)?\n$/);
    assert.equal((await run(['--version'])).stdout, stdout);
  });

  it('refuses a command that it does not know', async () => {
    for (const words of [['stat'], ['stat', '--help'], ['notices', 'stat', '--help']]) {
      const { code, stdout, stderr } = await run(words);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /unknown command 'stat'/);
    }
  });

  it('refuses a setting that it does not know, with the nearest name', async () => {
    const { code, stderr } = await run(['start', '--prot', '1']);
    assert.equal(code, 2);
    assert.match(stderr, /--prot is not a setting\. Did you mean port\?/);
  });

  it('refuses a data folder from before the first release, whatever is asked of it', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-former-'));
    try {
      const db = new DatabaseSync(join(dataDir, 'chasqui.sqlite'));
      db.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL); PRAGMA user_version = 34');
      db.close();
      for (const command of [['check'], ['check', '--mend'], ['migrate'], ['start']]) {
        const { code, stderr } = await run([...command, '--data-dir', dataDir], {
          MASTER_KEY: '5c'.repeat(32),
        });
        assert.equal(code, 1, command.join(' '));
        assert.match(
          stderr,
          /^.+chasqui\.sqlite was made before the first release .+ Name an empty folder in DATA_DIR/m,
        );
      }
      const { stderr } = await run(['backup', join(dataDir, 'copy'), '--data-dir', dataDir]);
      assert.match(stderr, /No service answers/);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('makes and prints an account and its key at the first start, and at no later one', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-first-'));
    try {
      const unset = { ROOT_ACCOUNT_ID: '', ROOT_ACCESS_KEY_ID: '', ROOT_ACCESS_KEY_SECRET: '' };
      const first = await startService({ dataDir, env: unset });
      await first.stop();
      const secret = /access key secret {2}(\S{30})$/m.exec(first.output())?.[1];
      assert.ok(secret, first.output());
      const second = await startService({ dataDir, env: unset });
      await second.stop();
      assert.doesNotMatch(second.output(), /access key secret/);
      assert.ok(!second.output().includes(secret));
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('says at the start that a proxy of the environment is not used, without what it holds', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-proxy-'));
    const environment = { HTTPS_PROXY: 'http://user:hidden@proxy.example:3128' };
    try {
      const first = await startService({ dataDir, env: environment });
      await first.stop();
      assert.match(
        first.output(),
        /HTTPS_PROXY is set in the environment and not used.*CHASQUI_EGRESS_PROXY/,
      );
      assert.doesNotMatch(first.output(), /hidden/);
      const own = { ...environment, CHASQUI_EGRESS_PROXY: 'http://127.0.0.1:3128' };
      const second = await startService({ dataDir, env: own });
      await second.stop();
      assert.doesNotMatch(second.output(), /not used/);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('asks for a key where one is needed', async () => {
    const { code, stderr } = await run(['keys', 'list']);
    assert.equal(code, 2);
    assert.match(stderr, /CHASQUI_KEY_ID.*chasqui keys create --data-dir/);
  });

  it('asks the service that runs by the same settings how it is', async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-health-'));
    t.after(() => rm(dataDir, { recursive: true, force: true }));
    const [port, adminPort] = [await findFreePort(), await findFreePort()];
    const { tlsCertFile, tlsKeyFile } = writeCertificate(t);
    const settings = {
      HOST: '0.0.0.0',
      PORT: String(port),
      ADMIN_PORT: String(adminPort),
      TLS_CERT_FILE: tlsCertFile,
      TLS_KEY_FILE: tlsKeyFile,
    };
    const gone = await run(['health', '--live'], settings);
    assert.deepEqual([gone.code, gone.stdout], [1, '']);
    assert.match(gone.stderr, /^Nothing listens at https:\/\/127\.0\.0\.1:\d+\./);
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    t.after(() => dispatcher.close());
    const service = await startService({ dataDir, port, readyPort: adminPort, dispatcher, env: settings });
    t.after(() => service.kill());
    const ready = await run(['health'], settings);
    assert.match(ready.stdout, /^ready, version \d\S+\n$/, ready.stderr);
    assert.equal(ready.code, 0);
    const live = await run(['health', '--live', '--json', '--port', String(port)], settings);
    assert.equal((JSON.parse(live.stdout) as { status: string }).status, 'live');
    assert.equal(live.code, 0);
  });

  it('tells a service that is alive and not ready from one that is not there', async (t) => {
    const stand = createServer((asked, response) => {
      const isLive = asked.url === '/health/live';
      response.statusCode = isLive ? 200 : 503;
      response.end(JSON.stringify({ status: isLive ? 'live' : 'not ready', version: '1', reason: 'full' }));
    }).listen(0, '127.0.0.1');
    const page = createServer((_asked, response) => response.end('<html>')).listen(0, '127.0.0.1');
    t.after(() => [stand, page].map((server) => server.close()));
    await Promise.all([once(stand, 'listening'), once(page, 'listening')]);
    const [port, other] = [stand, page].map((server) => String((server.address() as AddressInfo).port));
    const ready = await run(['health'], { PORT: port ?? '' });
    assert.deepEqual([ready.code, ready.stdout], [1, 'not ready, version 1: full\n']);
    assert.equal((await run(['health', '--live'], { PORT: port ?? '' })).code, 0);
    const foreign = await run(['health', '--live'], { PORT: other ?? '' });
    assert.equal(foreign.code, 1);
    assert.match(foreign.stderr, /is not Chasqui's health/);
    assert.equal((await run(['health'], { PORT: '0' })).code, 2);
  });

  it('says why a service cannot be reached, in a line and without a secret', async () => {
    const page = createServer((_request, response) => response.end('<html>hello</html>')).listen(
      0,
      '127.0.0.1',
    );
    const noise = createTcpServer((socket) => socket.end('220 mail ready\r\n')).listen(0, '127.0.0.1');
    await Promise.all([once(page, 'listening'), once(noise, 'listening')]);
    const toUrl = (server: { address(): unknown }) =>
      `127.0.0.1:${(server.address() as { port: number }).port}`;
    const cases: [url: string, code: number, text: RegExp][] = [
      ['http://127.0.0.1:1', 1, /^Nothing listens at http:\/\/127\.0\.0\.1:1\./],
      ['http://nowhere.invalid', 1, /^The host of http:\/\/nowhere\.invalid is not found\./],
      [`http://${toUrl(page)}`, 1, /is not the API of Chasqui/],
      [`https://${toUrl(page)}`, 1, /does not speak TLS/],
      [`http://${toUrl(noise)}`, 1, /does not speak HTTP/],
      ['http://ana:hunter2@127.0.0.1:1', 2, /holds a user name or password/],
      ['http://127.0.0.1:1/console/', 2, /more than host and port/],
      ['ftp://hunter2', 2, /no http or https URL/],
    ];
    try {
      for (const [url, code, text] of cases) {
        const result = await run(['keys', 'list', '--url', url], {
          CHASQUI_KEY_ID: 'some-id',
          CHASQUI_KEY_SECRET: 'hunter2',
        });
        assert.equal(result.code, code, `${url} ${result.stderr}`);
        assert.match(result.stderr, text);
        assert.equal(result.stderr.trim().split('\n').length, 1, result.stderr);
        assert.doesNotMatch(result.stderr, /hunter2|\n +at /);
      }
      const misspelt = await run(['keys', 'list', '--key-secert=hunter2']);
      assert.equal(misspelt.code, 2);
      assert.doesNotMatch(misspelt.stderr, /hunter2/);
    } finally {
      page.close();
      noise.close();
    }
  });

  it('shows the whole way of a receipt', async () => {
    const { code, stdout, stderr } = await run(['smoke']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Everything works\./);
  });

  it('says what to do where a service does not call the receiver of the smoke', async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'chasqui-cli-'));
    const guarded = await startService({ dataDir, env: { EGRESS_ALLOW: '' } });
    t.after(async () => {
      await guarded.kill();
      await rm(dataDir, { recursive: true });
    });
    const key = { CHASQUI_KEY_ID: rootAccount.keyId, CHASQUI_KEY_SECRET: rootAccount.keySecret };
    const { code, stderr } = await run(['smoke', '--url', guarded.url], key);
    assert.notEqual(code, 0);
    assert.match(stderr, /receiver is at http:\/\/127\.0\.0\.1:.*EGRESS_ALLOW=127\.0\.0\.0\/8.*leave --url/);
  });
});

describe('the service as it is started', () => {
  let dataDir: string;
  let service: Service;
  const env = (): Record<string, string> => ({
    CHASQUI_URL: service.url,
    CHASQUI_KEY_ID: rootAccount.keyId,
    CHASQUI_KEY_SECRET: rootAccount.keySecret,
  });

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chasqui-cli-'));
    service = await startService({ dataDir });
  });
  after(async () => {
    await service.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('prints the first key, and where to go', () => {
    assert.match(service.output(), new RegExp(`access key id      ${rootAccount.keyId}`));
    assert.doesNotMatch(
      service.output(),
      new RegExp(rootAccount.keySecret),
      'a secret that was given is not repeated',
    );
    for (const text of [/SMQ endpoint/, /\/console\//, /\/health\/ready/, /curl /])
      assert.match(service.output(), text);
  });

  it('keeps its master key for its owner alone', async () => {
    assert.equal((await stat(join(dataDir, 'master.key'))).mode & 0o777, 0o600);
  });

  it('refuses a second process on the same folder in a sentence', async () => {
    const { code, stderr } = await run(['start', '--data-dir', dataDir, '--port', '0']);
    assert.equal(code, 1);
    assert.match(stderr, /^Another process is using .*\. Stop it first/);
  });

  it('plays a user and the channel, and shows the receipts', async () => {
    const message = await run(['simulate', 'message', '--text', 'hello', '--json'], env());
    assert.equal(message.code, 0, message.stderr);
    const { receiptId, messageId } = JSON.parse(message.stdout) as { receiptId: string; messageId: string };
    assert.match(receiptId, /^[0-9a-f]{32}$/);
    const status = await run(['simulate', 'status', '--message-id', messageId, '--status', 'read'], env());
    assert.match(status.stdout, /became receipt/);
    const burst = await run(['simulate', 'burst', '--count', '20', '--json'], env());
    assert.equal((JSON.parse(burst.stdout) as { messages: number }).messages, 20);
  });

  it('says what was wrong with what it was told to play', async () => {
    const { code, stderr } = await run(['simulate', 'message', '--type', 'telepathy'], env());
    assert.equal(code, 1);
    assert.match(stderr, /type: has to be one of text, image/);
  });

  it('makes, lists and disables keys', async () => {
    const made = await run(['keys', 'create', '--json'], env());
    const { id, secret } = JSON.parse(made.stdout) as { id: string; secret: string };
    const asNew = { ...env(), CHASQUI_KEY_ID: id, CHASQUI_KEY_SECRET: secret };
    assert.match((await run(['keys', 'list'], asNew)).stdout, new RegExp(id));
    assert.equal((await run(['keys', 'disable', id], env())).code, 0);
    assert.match((await run(['keys', 'list'], asNew)).stderr, /^401/);
  });

  it('rotates a key, and the old one is disabled unless it is kept', async () => {
    const made = await run(['keys', 'create', '--role', 'read', '--name', 'reader', '--json'], env());
    const { id } = JSON.parse(made.stdout) as { id: string };
    const rotated = await run(['keys', 'rotate', id, '--json'], env());
    assert.equal(rotated.code, 0, rotated.stderr);
    const fresh = JSON.parse(rotated.stdout) as { id: string; secret: string; role: string; name: string };
    assert.deepEqual([fresh.role, fresh.name], ['read', 'reader']);
    const listed = JSON.parse((await run(['keys', 'list', '--json'], env())).stdout) as {
      id: string;
      state: string;
      usedAt: string | null;
    }[];
    assert.equal(listed.find((key) => key.id === id)?.state, 'disabled');
    assert.equal(listed.find((key) => key.id === fresh.id)?.state, 'active');
    assert.doesNotMatch(JSON.stringify(listed), new RegExp(fresh.secret), 'a secret is shown once');
    const asFresh = { ...env(), CHASQUI_KEY_ID: fresh.id, CHASQUI_KEY_SECRET: fresh.secret };
    assert.match((await run(['keys', 'create'], asFresh)).stderr, /^403/);
  });

  it('makes and lists accounts, each with a key of its own', async () => {
    const made = await run(['accounts', 'create', '--name', 'Second shop', '--id', '77', '--json'], env());
    assert.equal(made.code, 0, made.stderr);
    const { key } = JSON.parse(made.stdout) as { key: { id: string; secret: string } };
    assert.match((await run(['accounts', 'list'], env())).stdout, /^77 +Second shop /m);
    const asOther = { ...env(), CHASQUI_KEY_ID: key.id, CHASQUI_KEY_SECRET: key.secret };
    assert.match((await run(['keys', 'list'], asOther)).stdout, new RegExp(key.id));
    assert.match((await run(['accounts', 'list'], asOther)).stderr, /^403/);
  });

  it('sets and shows limits, of accounts with a key of the first one and of its own keys', async () => {
    await run(['accounts', 'create', '--name', 'Limited', '--id', '78'], env());
    const set = await run(
      ['limits', 'set', '78', '--requests-per-second', '50', '--queued-messages', 'none'],
      env(),
    );
    assert.equal(set.code, 0, set.stderr);
    assert.match(set.stdout, /^requests a second \(each node\) +50 +50 +0 *$/m);
    const shown = await run(['limits', 'show', '78', '--json'], env());
    assert.deepEqual(JSON.parse(shown.stdout), {
      requestsPerSecond: { limit: 50, set: 50, used: 0 },
      queuedMessages: { limit: null, set: 0, used: 0 },
      storedBytes: { limit: null, set: null, used: 0 },
    });
    await run(['limits', 'set', '78', '--requests-per-second', 'default'], env());
    assert.match(
      (await run(['limits', 'show', '78'], env())).stdout,
      /^requests a second .* none +default *$/m,
    );
    assert.match(
      (await run(['limits', 'show'], env())).stdout,
      /^messages in queues +none +default +\d+ *$/m,
    );
    const made = await run(['keys', 'create', '--role', 'read', '--json'], env());
    const { id } = JSON.parse(made.stdout) as { id: string };
    const ofKey = await run(['limits', 'set-key', id, '--stored-bytes', '1000'], env());
    assert.match(ofKey.stdout, /^bytes of files +1000 *$/m, ofKey.stderr);
    for (const wrong of [
      ['set', '78'],
      ['set', '78', '--stored-bytes', 'much'],
    ])
      assert.equal((await run(['limits', ...wrong], env())).code, 2);
  });

  it('lists the settings of a running service, sets one and lets go of it', async () => {
    const find = async () => {
      const { stdout } = await run(['settings', 'list', '--live', '--json'], env());
      const items = JSON.parse(stdout) as { key: string; value: unknown; source: string }[];
      return items.find(({ key }) => key === 'uploadDays');
    };
    const before = await find();
    const set = await run(['settings', 'set', 'uploadDays', '200'], env());
    assert.deepEqual([set.code, set.stdout], [0, 'uploadDays is 200 days on all nodes.\n'], set.stderr);
    assert.deepEqual((await find())?.value, 200);
    assert.match(
      (await run(['settings', 'list'], env())).stdout,
      /^uploadDays +200 days +console +\S+ by key\/\S+$/m,
    );
    assert.equal((await run(['settings', 'reset', 'uploadDays'], env())).code, 0);
    assert.deepEqual(await find(), before);
    for (const [key, reason] of [
      ['port', /^409: .*where the service is started/],
      ['nonsense', /^404: /],
    ] as const) {
      const refused = await run(['settings', 'set', key, '2'], env());
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, reason);
    }
  });

  it('counts what a replay would touch', async () => {
    const { code, stdout, stderr } = await run(
      ['replay', '--since', '2026-01-01T00:00:00Z', '--dry-run'],
      env(),
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), '0 deliveries match.');
    const mistyped = await run(['replay', '--destination', '999', '--dry-run'], env());
    assert.equal(mistyped.code, 1);
    assert.equal(mistyped.stderr.trim(), '404: There is no such destination.');
  });

  it('says that no raw events match, and says it to people alone', async () => {
    const filter = ['events', 'list', '--until', '2020-01-01T00:00:00Z'];
    const told = await run(filter, env());
    assert.deepEqual([told.code, told.stdout, told.stderr.trim()], [0, '', 'No raw events match.']);
    const listed = await run([...filter, '--json'], env());
    assert.deepEqual([listed.code, listed.stdout, listed.stderr], [0, '', '']);
  });

  it('plays every status that a channel tells', async () => {
    for (const status of ['deleted', 'subscribe']) {
      const { code, stdout, stderr } = await run(
        ['simulate', 'status', '--message-id', `m-${status}`, '--status', status],
        env(),
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`^Status ${status} of m-${status} became receipt`));
    }
  });

  it('erases and replays by filter only after a yes, and says before how much it is', async () => {
    const whole = { apart: 0, unreadable: 0, keptFiles: [] };
    await run(['simulate', 'message', '--from', '15550007777', '--text', 'private words'], env());
    const content = async () => (await run(['erase', '15550007777', '--dry-run', '--json'], env())).stdout;
    assert.deepEqual(JSON.parse(await content()), { ...{ receipts: 1, messages: 0, media: 0 }, ...whole });
    const unasked = await run(['erase', '15550007777'], env());
    assert.equal(unasked.code, 2);
    assert.match(
      unasked.stderr,
      /^This erases the content of 1 receipts and 0 messages, and 0 files of 15550007777 .*--yes/,
    );
    assert.deepEqual(JSON.parse(await content()), { ...{ receipts: 1, messages: 0, media: 0 }, ...whole });
    assert.equal((await run(['erase', '15550007777', '--yes'], env())).code, 0);
    assert.deepEqual(JSON.parse(await content()), { ...{ receipts: 0, messages: 0, media: 0 }, ...whole });
    const filter = ['replay', '--since', '2026-01-01T00:00:00Z'];
    const replayed = await run(filter, env());
    assert.equal(replayed.code, 2);
    assert.match(replayed.stderr, /^This pushes 0 deliveries to their receivers again\..*--yes/);
    assert.equal((await run([...filter, '--yes'], env())).code, 0);
  });

  it('moves, hands over and removes callback URLs only after a yes, and says before how much it is', async () => {
    const setUrl = async (inboundUrl: string): Promise<void> => {
      const api = new ApiClient({ url: service.url, ...rootAccount });
      const path = '/api/v1/channels/sandbox/senders/15550100001/webhook';
      await api.send('PUT', path, { http: true, queue: true, inboundUrl });
      await api.close();
    };
    const list = async () =>
      JSON.parse((await run(['destinations', 'list', '--json'], env())).stdout) as {
        id: number;
        url: string;
        name: string;
      }[];
    await setUrl('http://127.0.0.1:1/old');
    await run(['simulate', 'message', '--text', 'waits'], env());
    const [old] = await list();
    const id = String(old?.id);
    const named = ['destinations', 'set', id, '--name', 'CRM', '--address', 'http://127.0.0.1:1/moved'];
    assert.match((await run(named, env())).stdout, /CRM, http:\/\/127\.0\.0\.1:1\/moved, active/);
    await setUrl('http://127.0.0.1:1/new');
    const next = (await list()).find(({ url }) => url.endsWith('/new'));
    for (const [command, told] of [
      [['destinations', 'hand-over', id, '--to', String(next?.id)], /^This hands 1 deliveries .*--yes/],
      [['destinations', 'remove', id], /^This removes the destination .* 0 deliveries .*--yes/],
      [
        ['give-up', '--destination', String(next?.id), '--state', 'open'],
        /^This gives up 1 deliveries.*--yes/,
      ],
    ] as const) {
      const unasked = await run([...command], env());
      assert.deepEqual([unasked.code, unasked.stdout], [2, '']);
      assert.match(unasked.stderr, told);
      assert.match((await run([...command, '--dry-run'], env())).stdout, /^This would /);
      const done = await run([...command, '--yes'], env());
      assert.equal(done.code, 0, done.stderr);
    }
    assert.deepEqual(
      (await list()).map(({ url }) => url),
      ['http://127.0.0.1:1/new'],
    );
    const text = (await run(['destinations', 'list'], env())).stdout;
    assert.match(text, /NOT WANTED/);
  });

  it('has somebody told of notices, tries that, and has him told no more', async () => {
    const { url } = service;
    const made = await run(
      ['notices', 'add', 'webhook', '--name', 'Ops', '--address', `${url}/health/live`, '--json'],
      env(),
    );
    assert.equal(made.code, 0, made.stderr);
    const { id, secret } = JSON.parse(made.stdout) as { id: string; secret: string };
    assert.match(secret, /^whsec_/);
    const set = await run(
      ['notices', 'set', id, '--severity', 'error', '--code', 'destination_off', 'worker_late'],
      env(),
    );
    assert.match(set.stdout, /^[\w-]+: Ops, webhook, 127\.0\.0\.1:\d+, active$/m);
    const listed = await run(['notices', 'targets'], env());
    assert.match(listed.stdout, new RegExp(`^${id} +webhook +active +error +0 `, 'm'));
    // A page that takes no POST is no receiver.
    const tried = await run(['notices', 'test', id], env());
    assert.deepEqual([tried.code, tried.stdout.startsWith('It was not taken. It answered 4')], [1, true]);
    assert.equal((await run(['notices', 'remove', id], env())).code, 0);
    assert.equal((await run(['notices', 'targets', '--json'], env())).stdout, '[]\n');
    assert.equal((await run(['notices', 'targets', '--operator', '--json'], env())).stdout, '[]\n');
    assert.match((await run(['notices', 'list'], env())).stdout, /^AT +SEVERITY +CODE/);
    assert.equal((await run(['notices', 'add', 'pigeon'], env())).code, 2);
  });

  it('lists what gave no receipt, and asks before it is read again', async () => {
    await run(['simulate', 'message', '--text', 'one'], env());
    const listed = await run(['events', 'list', '--messages', '--since', '2026-01-01T00:00:00Z'], env());
    assert.deepEqual([listed.code, listed.stdout], [0, '']);
    const all = await run(['events', 'list', '--all', '--json', '--limit', '1'], env());
    const { rawEventId } = JSON.parse(all.stdout) as { rawEventId: string };
    const shown = await run(['events', 'show', rawEventId], env());
    assert.match(shown.stdout, new RegExp(`sandbox  ${rawEventId}\n$`));
    const unasked = await run(['events', 'reread'], env());
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /^This reads 0 raw events again .*--yes/);
    const one = await run(['events', 'reread', rawEventId], env());
    assert.match(one.stdout, /^0 new receipts, 1 that were there, 0 parts not understood\.$/m);
  });

  it('ends quietly when whoever reads it has had enough', async () => {
    const child = spawn(process.execPath, [cli, 'tail', '--since', '3600'], {
      env: { ...bareEnv, ...env() },
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const ended = once(child, 'exit');
    await run(['simulate', 'message', '--text', 'one'], env());
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await run(['simulate', 'message', '--text', 'two'], env());
    assert.deepEqual(await ended, [0, null]);
    assert.equal(errors, '');
  });

  it('does what it began, unread, and leaves nothing behind', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'chasqui-unread-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const child = spawn(process.execPath, [cli, 'smoke'], { env: { ...bareEnv, TMPDIR: folder } });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    assert.ok((await readdir(folder)).some((name) => name.startsWith('chasqui-smoke-')));
    child.stdout.destroy();
    assert.deepEqual([await ended, errors], [[0, null], '']);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('chasqui-smoke-')),
      [],
    );
  });

  // Each of a name of its own: one name is guessed at four times before it has to wait.
  for (const [at, command] of [
    'keys list',
    'clock show',
    'clock confirm --yes',
    'tail',
    'simulate message --text hello',
    'simulate status --message-id m1 --status read',
    'simulate burst --count 1',
    'replay --destination 1 --dry-run',
    'erase 15550002222 --yes',
    'smoke',
  ].entries())
    it(`says that a wrong key is wrong: ${command}`, async () => {
      const { code, stderr } = await run(command.split(' '), { ...env(), CHASQUI_KEY_ID: `LTAIguess${at}` });
      assert.equal(code, 1);
      assert.match(stderr, /^401: The access key id or its secret is wrong/);
    });

  it('ends by SIGTERM with exit code 0, and tells no secret at its second start', async () => {
    assert.equal(await service.stop(), 0);
    service = await startService({ dataDir });
    assert.doesNotMatch(service.output(), /secret/);
    assert.match(service.output(), /SMQ endpoint/);
  });
});
