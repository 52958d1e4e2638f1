// What is asked for through the socket in the data folder, by this release or another, and what nobody answers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { GatewayError } from '../../src/domain/errors.ts';
import { askControl, hasControl, openControl } from '../../src/operations/control-socket.ts';

async function open(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-control-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const path = join(dataDir, 'control.sock');
  const asked: unknown[] = [];
  const listen = async () => {
    const close = await openControl(
      dataDir,
      {
        backup: () => Promise.reject(new GatewayError('bad_command', 'The folder is not empty.')),
        findPerson: async (sought) => {
          asked.push(sought);
          return { account: { id: 7, name: 'First' }, user: null };
        },
        makeKey: async ({ accountId }) => ({ id: 'LTAI', secret: 'secret', accountId }),
        resetUser: async () => ({ name: 'ana', password: 'once', passwordEndsAt: 5 }),
      },
      () => undefined,
    );
    t.after(close);
    return close;
  };
  const send = async (request: string): Promise<Record<string, unknown>> => {
    const socket = createConnection({ path, allowHalfOpen: true });
    await once(socket, 'connect');
    socket.end(request);
    return JSON.parse(await text(socket)) as Record<string, unknown>;
  };
  return { dataDir, path, asked, listen, send };
}

test('a verb is answered with its report, or with what was wrong in the words of the service', async (t) => {
  const { dataDir, path, asked, listen } = await open(t);
  await listen();
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal((await askControl(dataDir, 'findPerson', { userName: 'ana' })).account.id, 7);
  assert.deepEqual(asked, [{ userName: 'ana' }]);
  assert.equal((await askControl(dataDir, 'makeKey', { accountId: 9 })).accountId, 9);
  await assert.rejects(askControl(dataDir, 'backup', { folder: '/copy' }), {
    code: 'bad_command',
    message: 'The folder is not empty.',
  });
});

test('what no verb is, or not the whole of one, is refused in words, and the next request is served', async (t) => {
  const { dataDir, listen, send } = await open(t);
  await listen();
  for (const request of [
    { command: 'forgetEverything' },
    { command: 'makeKey', accountId: '9' },
    { command: 'resetUser', accountId: 9 },
    { command: 'backup', folder: 5 },
  ]) {
    const { code, message } = await send(JSON.stringify(request));
    assert.equal(code, 'bad_request', JSON.stringify(request));
    assert.match(String(message), /of another version than this command/);
  }
  assert.equal((await send('null'))['code'], 'bad_request');
  assert.equal((await send('{'))['code'], 'internal');
  assert.equal((await send(`"${'x'.repeat(9000)}"`))['code'], 'payload_too_large');
  assert.ok(await askControl(dataDir, 'findPerson', {}));
});

test('a folder without a service has none that can be asked, whatever stands there, and its next service can', async (t) => {
  const { dataDir, path, listen } = await open(t);
  assert.equal(await hasControl(dataDir), false);
  writeFileSync(path, 'left by something else');
  assert.equal(await hasControl(dataDir), false);
  await assert.rejects(askControl(dataDir, 'findPerson', {}), { code: 'service_unreachable' });
  const close = await listen();
  assert.equal(await hasControl(dataDir), true);
  await close();
  assert.equal(await hasControl(dataDir), false);
});
