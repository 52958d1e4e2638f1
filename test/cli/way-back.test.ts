// An operator who has lost his keys, or a user his password, and comes back at the machine of the service.
import assert from 'node:assert/strict';
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { callAs, callCommand, readWith, signIn } from '../support/operator-commands.ts';
import { rootAccount, startService } from '../support/service.ts';
import type { Service } from '../support/service.ts';

const password = 'correct horse battery';
const newPassword = 'another horse battery';
let base: string;
let dataDir: string;
let service: Service;

before(async () => {
  base = mkdtempSync(join(tmpdir(), 'chasqui-rescue-'));
  dataDir = join(base, 'data');
  service = await startService({ dataDir });
  const { keyId, keySecret } = rootAccount;
  const setUp = { keyId, keySecret, name: 'ana', password };
  assert.equal((await signIn(service.url, setUp, '/session/setup')).status, 201);
});
after(async () => {
  await service.kill();
  rmSync(base, { recursive: true, force: true });
});

const readKey = (stdout: string) => JSON.parse(stdout) as { id: string; secret: string };

describe('beside a service that runs', () => {
  it('a key is made through a socket that is its owner’s alone, works at once, and is noted', async () => {
    assert.equal(statSync(join(dataDir, 'control.sock')).mode & 0o777, 0o600);
    const { code, stdout, stderr } = await callCommand(['keys', 'create', '--yes', '--json'], {
      DATA_DIR: dataDir,
    });
    assert.equal(code, 0, stderr);
    const key = readKey(stdout);
    assert.equal((await callAs(service.url, key, '/keys')).status, 200);
    const { json } = await callAs(service.url, key, '/changes');
    assert.deepEqual(
      [json.items?.[0]?.actor, json.items?.[0]?.action, json.items?.[0]?.subject],
      ['system/command-line', 'key.created', `key/${key.id}`],
    );
  });

  it('a user is given a password for one sign-in, and whoever was signed in is so no more', async () => {
    const { cookie } = await signIn(service.url, { name: 'ana', password });
    assert.equal(await readWith(service.url, cookie), 200);
    const { code, stdout, stderr } = await callCommand([
      'users',
      'reset',
      'Ana',
      '--yes',
      '--json',
      '--data-dir',
      dataDir,
    ]);
    assert.equal(code, 0, stderr);
    assert.equal(await readWith(service.url, cookie), 401);
    const once = (JSON.parse(stdout) as { password: string }).password;
    assert.equal((await signIn(service.url, { name: 'ana', password: once })).code, 'password_over');
    const given = { name: 'ana', password: once, newPassword };
    assert.equal((await signIn(service.url, given)).status, 200);
    assert.equal((await signIn(service.url, { name: 'ana', password: once })).status, 401);
  });

  it('nothing is done before somebody said yes, and it is said first what it would be', async () => {
    const at = ['--data-dir', dataDir];
    const unasked = await callCommand(['users', 'reset', 'ana', ...at]);
    assert.deepEqual([unasked.code, unasked.stdout], [2, '']);
    assert.match(unasked.stderr, /the owner ana of the account 1000000000000001.*Nothing was done.*--yes/);
    const dry = await callCommand(['keys', 'create', '--dry-run', ...at]);
    assert.deepEqual(
      [dry.code, dry.stdout.split(' ').slice(0, 5).join(' ')],
      [0, 'This makes an access key'],
    );
    assert.equal((await callCommand(['keys', 'create', ...at])).code, 2);
    assert.equal((await signIn(service.url, { name: 'ana', password: newPassword })).status, 200);
    const root = { id: rootAccount.keyId, secret: rootAccount.keySecret };
    assert.equal((await callAs(service.url, root, '/keys')).json.items?.length, 2);
  });

  it('what cannot be is said in words', async () => {
    const fails = async (args: readonly string[], said: RegExp, env: Record<string, string> = {}) => {
      const { code, stdout, stderr } = await callCommand(args, env);
      assert.match(stderr, said);
      assert.deepEqual([code === 0, stdout, stderr.split('\n').length], [false, '', 2], stderr);
    };
    const at = ['--data-dir', dataDir, '--yes'];
    await fails(
      ['users', 'reset', 'eve', ...at],
      /The account 1000000000000001 has no such user\. There are: ana\./,
    );
    await fails(
      ['users', 'reset', 'ana', '--account', '5', ...at],
      /no such account\. There are: 1000000000000001/,
    );
    await fails(['keys', 'create', '--role', 'read', ...at], /At the machine a key of role full is made/);
    await fails(['keys', 'create', '--dry-run'], /--dry-run are for the machine/, {
      CHASQUI_KEY_ID: 'a',
      CHASQUI_KEY_SECRET: 'b',
    });
    await fails(['keys', 'create', '--data-dir', join(base, 'none')], /There is no folder .*none/);
    mkdirSync(join(base, 'empty'));
    await fails(['keys', 'create', '--data-dir', join(base, 'empty')], /There is no store in .*empty/);
  });

  it('a folder of another user is left alone', async () => {
    const isRoot = process.getuid?.() === 0;
    const folder = isRoot ? join(base, 'foreign') : '/usr';
    if (isRoot) {
      mkdirSync(folder);
      chownSync(folder, 65_534, 65_534);
    }
    const { code, stderr } = await callCommand(['keys', 'create', '--yes', '--data-dir', folder]);
    assert.equal(code, 1);
    assert.match(stderr, /is not your folder: it is that of the user \d+\. Call the command as that user/);
  });

  it('a service that cannot be asked has to be stopped first', async () => {
    // By this name the folder holds no socket that answers.
    const other = join(base, 'long'.repeat(30));
    symlinkSync(dataDir, other);
    const { code, stderr } = await callCommand(['keys', 'create', '--yes', '--data-dir', other]);
    assert.equal(code, 1);
    assert.match(stderr, /is at work on .* and does not answer at its control socket\. Stop it/);
  });
});

describe('while no service runs', () => {
  before(() => service.kill());

  it('what a killed service left stands in nobody’s way, and the next one still knows that it was killed', async () => {
    assert.ok(statSync(join(dataDir, 'control.sock')).isSocket());
    const args = ['--yes', '--json', '--data-dir', dataDir];
    const migrated = await callCommand(['migrate', '--data-dir', dataDir]);
    assert.equal(migrated.code, 0, migrated.stderr);
    const made = await callCommand(['keys', 'create', ...args]);
    assert.equal(made.code, 0, made.stderr);
    const reset = await callCommand(['users', 'reset', 'ana', '--totp', ...args]);
    assert.equal(reset.code, 0, reset.stderr);
    const db = new DatabaseSync(join(dataDir, 'chasqui.sqlite'), { readOnly: true });
    assert.ok(db.prepare("SELECT 1 FROM meta WHERE key = 'running'").get(), 'the end that was no end');
    db.close();
    service = await startService({ dataDir });
    assert.equal((await callAs(service.url, readKey(made.stdout), '/keys')).status, 200);
    const { password: once } = JSON.parse(reset.stdout) as { password: string };
    assert.equal(
      (await signIn(service.url, { name: 'ana', password: once, newPassword: password })).status,
      200,
    );
    assert.equal(await service.stop(), 0);
    const [, after] = [
      await callCommand(['keys', 'create', ...args]),
      new DatabaseSync(join(dataDir, 'chasqui.sqlite')),
    ];
    assert.equal(after.prepare("SELECT 1 FROM meta WHERE key = 'running'").get(), undefined);
    after.close();
  });

  it('a service that is given another first key than its store has says so, and one with the same is quiet', async () => {
    const same = await startService({ dataDir });
    await same.stop();
    assert.doesNotMatch(same.output(), /unheard/);
    const other = await startService({ dataDir, env: { ROOT_ACCESS_KEY_SECRET: 'another-secret' } });
    const answer = await callAs(
      other.url,
      { id: rootAccount.keyId, secret: rootAccount.keySecret },
      '/notices',
    );
    await other.stop();
    assert.match(
      other.output(),
      /"settings\.unheard".*ROOT_ACCESS_KEY_SECRET|ROOT_ACCESS_KEY_SECRET.*"settings\.unheard"/,
    );
    assert.match(JSON.stringify(answer.json), /settings_unheard/);
    assert.ok(!other.output().includes('another-secret'));
  });

  it('another master key opens nothing, and a store of another version stays as it is', async () => {
    const args = ['keys', 'create', '--yes', '--data-dir', dataDir];
    const { code, stderr } = await callCommand(args, { MASTER_KEY: '5c'.repeat(32) });
    assert.equal(code, 1);
    assert.match(stderr, /master key does not fit this store\. MASTER_KEY has to be the one/);
    const db = new DatabaseSync(join(dataDir, 'chasqui.sqlite'));
    db.exec('PRAGMA user_version = 1');
    db.close();
    const older = await callCommand(args);
    assert.equal(older.code, 1);
    assert.match(older.stderr, /has schema 1, which is that of an older version/);
  });
});
