// The image of deploy/Dockerfile, built from this checkout as a stranger builds it, on bases that are made here, and run as a stranger runs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent, request } from 'undici';
import { version } from '../../src/runtime/release.ts';
import { rootAccount, waitUntil } from '../support/service.ts';
import { openProject, tellNoCompose } from './compose-project.ts';
import { makeBases, Podman, tellNoPodman } from './podman.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const player = fileURLToPath(new URL('../package/player.ts', import.meta.url));
/** Bytes that the image may add to its base. */
const maxBytes = 140e6;

/** Runs the image with a root that is only read, no network but its own, and its data in a volume. */
function start(podman: Podman, name: string, settings: Readonly<Record<string, string>>): void {
  const env = Object.entries(settings).map(([key, value]) => `--env=${key}=${value}`);
  const guards = ['--read-only', '--cap-drop=all', '--security-opt=no-new-privileges', '--network=none'];
  podman.run([
    'run',
    '--detach',
    `--name=${name}`,
    ...guards,
    '--volume=data:/var/lib/chasqui',
    ...env,
    'chasqui',
  ]);
}

const basic = { authorization: `Basic ${btoa(`${rootAccount.keyId}:${rootAccount.keySecret}`)}` };

function isThere(podman: Podman, file: string): boolean {
  return podman.try(['exec', 'chasqui_caddy_1', 'test', '-s', file]).code === 0;
}

function isHealthy(podman: Podman, name: string): boolean {
  return podman.try(['healthcheck', 'run', name]).code === 0;
}

async function untilReady(podman: Podman, name: string): Promise<void> {
  await waitUntil('the service in the container is ready', 60_000, () => {
    assert.equal(podman.tell(name, '{{.State.Running}}'), 'true', podman.try(['logs', name]).stdout);
    return podman.try(['exec', name, 'chasqui', 'health']).code === 0;
  });
}

/** Ends it as an engine does, and returns with what it ended. */
function stop(podman: Podman, name: string): string {
  podman.run(['stop', '--time=60', name]);
  return podman.tell(name, '{{.State.ExitCode}}');
}

test('the image of deploy/', { skip: tellNoPodman() ?? false }, async (t) => {
  const podman = new Podman(t);
  await makeBases(podman);
  const bases = ['BASE=localhost/base', 'BUILD_BASE=localhost/build-base'];
  podman.run([
    ...['build', '--layers=false', '--isolation=chroot', '--network=host', '--format=docker', '--quiet'],
    ...bases.map((base) => `--build-arg=${base}`),
    ...['--file', join(checkout, 'deploy', 'Dockerfile'), '--tag=chasqui', checkout],
  ]);

  await t.test('adds little to its base, and says what it is', () => {
    const [size, base] = ['chasqui', 'base'].map((name) => Number(podman.tell(name, '{{.Size}}')));
    const added = Number(size) - Number(base);
    assert.ok(added > 100e6 && added < maxBytes, `${added} bytes`);
    t.diagnostic(`The image adds ${(added / 1e6).toFixed(1)} MB to its base.`);
    assert.equal(
      podman.tell('chasqui', '{{index .Config.Labels "org.opencontainers.image.version"}}'),
      version,
    );
    assert.equal(podman.run(['run', '--rm', '--network=none', 'chasqui', 'version']), version);
  });

  await t.test('hands a message on with a root that is only read, and is healthy', async () => {
    const { accountId, keyId, keySecret } = rootAccount;
    start(podman, 'first', {
      ROOT_ACCOUNT_ID: accountId,
      ROOT_ACCESS_KEY_ID: keyId,
      ROOT_ACCESS_KEY_SECRET: keySecret,
    });
    await untilReady(podman, 'first');
    assert.ok(isHealthy(podman, 'first'));
    assert.match(podman.run(['exec', 'first', 'id']), /^uid=10001\(chasqui\) gid=10001\(chasqui\)/);
    assert.match(podman.run(['exec', 'first', 'chasqui', 'backup', '/var/lib/chasqui/copy']), /^Backed up/);
    assert.notEqual(podman.try(['exec', 'first', 'touch', '/opt/chasqui/x']).code, 0);
    const [file = '', ...words] = [...podman.toNetwork('first'), process.execPath, player];
    const played = spawnSync(file, [...words, 'http://127.0.0.1:8080'], {
      cwd: checkout,
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(played.stdout, 'Delivered\n', played.stderr);
  });

  await t.test('is not healthy when it does not answer', () => {
    podman.run(['kill', '--signal=STOP', 'first']);
    assert.ok(!isHealthy(podman, 'first'));
    podman.run(['kill', '--signal=CONT', 'first']);
    assert.ok(isHealthy(podman, 'first'));
  });

  await t.test('ends well when it is told to, and finds its data again', async () => {
    assert.equal(stop(podman, 'first'), '0');
    assert.match(podman.run(['logs', 'first']), /"reason":"SIGTERM".*"service\.stopped"/);
    start(podman, 'second', {});
    await untilReady(podman, 'second');
    assert.doesNotMatch(podman.run(['logs', 'second']), /This is the first start/);
    const program = `fetch('http://127.0.0.1:8080/api/v1/receipts', { headers: { authorization: 'Basic ' + btoa('${rootAccount.keyId}:${rootAccount.keySecret}') } }).then((answer) => answer.text()).then(console.log)`;
    const words = ['--env=LD_LIBRARY_PATH=/opt/chasqui/bin', 'second', '/opt/chasqui/bin/node'];
    const told = podman.run(['exec', ...words, '--eval', program]);
    assert.match(told, /"status":"delivered"/);
    assert.equal(stop(podman, 'second'), '0');
  });

  await t.test('runs behind Caddy by deploy/compose.yaml', { skip: tellNoCompose() ?? false }, async (s) => {
    const { origin, run } = await openProject(podman);
    s.after(() => run('down'));
    run('up', '--detach', '--no-build');
    const authority = '/data/caddy/pki/authorities/local/root.crt';
    await waitUntil('Caddy has a certificate', 60_000, () => isThere(podman, authority));
    const ca = podman.run(['exec', 'chasqui_caddy_1', 'cat', authority]);
    const dispatcher = new Agent({ connect: { ca } });
    s.after(() => dispatcher.close());
    const call = (path: string, options: { readonly method?: 'POST'; readonly body?: string } = {}) =>
      request(`${origin}${path}`, {
        dispatcher,
        ...options,
        headers: { 'content-type': 'application/json', 'x-chasqui-console': '1', ...basic },
      });
    // Caddy answers for health at once, and for the rest once it has seen that the node is ready: this the service alone does not find.
    const isReady = async (): Promise<boolean> => {
      const answer = await call('/hooks/messenger/none').catch(() => undefined);
      await answer?.body.dump();
      return answer?.statusCode === 404;
    };
    await waitUntil('the service behind Caddy is ready', 60_000, isReady);
    const { keyId, keySecret } = rootAccount;
    const session = await call('/api/v1/session', {
      method: 'POST',
      body: JSON.stringify({ keyId, keySecret }),
    });
    assert.match(String(session.headers['set-cookie']), /^__Host-.*; Secure/, 'the proxy is believed');
    await session.body.dump();
    const inbound = JSON.stringify({ from: '15550002222', type: 'text', text: 'hello' });
    const sent = await call('/sandbox/15550100001/inbound', { method: 'POST', body: inbound });
    assert.equal(sent.statusCode, 201, await sent.body.text());
    run('down');
    run('up', '--detach', '--no-build');
    await waitUntil('it is ready again', 60_000, isReady);
    const receipts = (await (await call('/api/v1/receipts')).body.json()) as {
      readonly items: readonly unknown[];
    };
    assert.equal(receipts.items.length, 1);
  });
});
