// Notices whose end nobody tells: it is seen by how that stands which they are about.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { system } from '../../src/domain/account.ts';
import { noticed } from '../../src/domain/findings.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import { watchDamage } from '../../src/operations/damage-watch.ts';
import { NoticeBoard } from '../../src/operations/notices.ts';
import type { NoticeDeps } from '../../src/operations/notices.ts';
import { isOpenToOthers } from '../../src/store/file-modes.ts';
import type { NewTemplate } from '../../src/store/store.ts';
import { openTestStore } from '../support/store.ts';

const minute = 60_000;

async function open(t: TestContext, deps: Partial<NoticeDeps> = {}) {
  const test = await openTestStore();
  const board = () =>
    new NoticeBoard({
      store: test.store,
      emit: () => undefined,
      now: test.clock.now,
      monotonic: test.clock.monotonic,
      operatorTargets: [],
      tellAtOnce: async () => undefined,
      undeliveredAlarmMs: 60 * minute,
      findHostWithoutAddress: async () => null,
      ...deps,
    });
  const notices = board();
  t.after(async () => {
    await notices.close();
    await test.close();
  });
  /** What stands after the board has looked. */
  const look = async (by = notices): Promise<readonly string[]> => {
    await by.watch.look();
    await by.idle();
    return (await test.store.listStandingNotices(10)).map(({ code, subject }) => `${code} ${subject}`);
  };
  return { ...test, notices, board, look };
}

test('that requests are refused is over once none was for twenty minutes, whichever node refused them', async (t) => {
  const { notices, board, look, accountId, clock } = await open(t);
  const refuse = (): void => {
    const subject = `account/${accountId}`;
    notices.raise({ accountId, subject, ...noticed('account_rate_reached', { perSecond: 5 }) });
  };
  const standing = [`account_rate_reached account/${accountId}`];
  // Another node, which refuses nothing, does not take it for over while this one goes on.
  const other = board();
  refuse();
  for (let passed = 0; passed < 40; passed += 1) {
    assert.deepEqual(await look(other), standing, `after ${passed} minutes`);
    clock.advance(minute);
    refuse();
    await notices.idle();
  }
  clock.advance(20 * minute);
  assert.deepEqual(await look(other), standing);
  clock.advance(2 * minute);
  assert.deepEqual(await look(other), []);
  await other.close();
});

test('that a key is refused is over as soon as it has no such limit any more', async (t) => {
  const { notices, look, store, accountId } = await open(t);
  await store.createKey({ accountId, id: 'one', secret: 's' }, system);
  await store.setKeySettings(accountId, 'one', { limits: { requestsPerSecond: 5 } }, system);
  const subject = 'key/one';
  notices.raise({ accountId, subject, ...noticed('key_rate_reached', { perSecond: 5 }) });
  assert.deepEqual(await look(), ['key_rate_reached key/one']);
  await store.setKeySettings(accountId, 'one', { limits: { requestsPerSecond: null } }, system);
  assert.deepEqual(await look(), []);
});

test('that something of a node is late is over when the node is gone and says so no more', async (t) => {
  const { notices, look, clock } = await open(t);
  const late = noticed('worker_late', { name: 'a', node: 'gone', minutes: 3 });
  notices.raise({ accountId: null, subject: 'worker/a/gone', ...late });
  await notices.idle();
  clock.advance(20 * minute);
  assert.deepEqual(await look(), ['worker_late worker/a/gone']);
  clock.advance(2 * minute);
  assert.deepEqual(await look(), []);
});

test('that a template waits is over once none of the channel is in review', async (t) => {
  const { notices, look, store, accountId } = await open(t);
  const template: NewTemplate = {
    channelId: 'sandbox',
    code: 'c1',
    language: 'en',
    name: 'hello',
    type: 'WHATSAPP',
    category: 'UTILITY',
    components: [{ Type: 'BODY', Text: 'Hello' }],
    example: {},
    status: 'auditing',
    reason: '',
    allowSend: true,
    categoryChangePaused: false,
    ttlSeconds: null,
    quality: 'UNKNOWN',
    vendorId: null,
    parameterFormat: 'POSITIONAL',
    isEdited: false,
    offered: [],
    asked: null,
    reviewAt: null,
  };
  await store.createTemplate(accountId, template, system);
  const waiting = noticed('template_waiting', { channelId: 'sandbox', name: 'hello', said: '190' });
  notices.raise({ accountId, subject: 'channel/sandbox', ...waiting });
  assert.deepEqual(await look(), ['template_waiting channel/sandbox']);
  await store.updateTemplate(accountId, { ...template, status: 'pass' }, system);
  assert.deepEqual(await look(), []);
});

test('that a callback has no address is over once it has one, or nothing names it any more', async (t) => {
  let unmade = 'unmade.example:8443';
  const { notices, look, store, accountId } = await open(t, {
    findHostWithoutAddress: async (url) => (new URL(url).host === unmade ? unmade : null),
  });
  const url = 'https://unmade.example:8443/hook';
  const webhook = { http: true, queue: false, auditUrl: url, auditVersion: 'V1' } as const;
  await store.setChannelWebhook(accountId, 'sandbox', webhook, 'standard', system);
  const raise = (host: string): void =>
    notices.raise({ accountId, subject: `callback/${host}`, ...noticed('callback_unresolved', { host }) });
  raise(unmade);
  raise('mistyped.example');
  assert.deepEqual(await look(), ['callback_unresolved callback/unmade.example:8443']);
  unmade = '';
  assert.deepEqual(await look(), []);
});

test('of any number of callbacks without an address a few are looked up at a time, each in its turn', async (t) => {
  const asked: string[] = [];
  const { notices, look, store, accountId } = await open(t, {
    findHostWithoutAddress: async (url) => {
      const { host } = new URL(url);
      asked.push(host);
      return host;
    },
  });
  const hosts = Array.from({ length: 50 }, (_, index) => `unmade-${index}.example`);
  for (const host of hosts) {
    const webhook = { http: true, queue: false, auditUrl: `https://${host}/`, auditVersion: 'V1' } as const;
    await store.setChannelWebhook(accountId, 'sandbox', webhook, 'standard', system);
    notices.raise({ accountId, subject: `callback/${host}`, ...noticed('callback_unresolved', { host }) });
  }
  await notices.idle();
  for (const count of [20, 40, 60]) {
    await look();
    assert.equal(asked.length, count);
  }
  assert.deepEqual(new Set(asked), new Set(hosts));
});

test('damage and an open folder are over once what was kept is taken away and nobody else may look in', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-endings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const kept = join(folder, 'chasqui.sqlite.damaged-1');
  writeFileSync(kept, '');
  let tick = 0;
  const damage = watchDamage(
    folder,
    () => tick,
    () => isOpenToOthers(folder),
  );
  const { notices, look } = await open(t, { ownStates: damage.states });
  damage.take('store.damaged', { what: 'a page', kept: null });
  damage.take('data.exposed', { mode: '755' });
  damage.tellBy(notices.raise);
  const both = ['data_exposed data', 'store_damaged store'];
  assert.deepEqual(await look(), both);
  // A sign alone is told for a day, as readiness tells it.
  tick += 25 * 60 * minute;
  assert.deepEqual(await look(), both);
  chmodSync(folder, 0o700);
  assert.deepEqual(await look(), ['store_damaged store']);
  rmSync(kept);
  assert.deepEqual(await look(), []);
});

test('of a database a sign of damage is told for a day, whichever node met it', async (t) => {
  const damage = watchDamage(
    null,
    () => 1e9,
    () => false,
  );
  const { notices, look, clock } = await open(t, { ownStates: damage.states });
  notices.raise({ accountId: null, subject: 'store', ...noticed('store_damaged', { what: 'a row' }) });
  await notices.idle();
  clock.advance(24 * 60 * minute);
  assert.deepEqual(await look(), ['store_damaged store']);
  clock.advance(minute);
  assert.deepEqual(await look(), []);
});

test('what a start finds put right is over, though an earlier process told of it', async (t) => {
  const { notices, board, store, look } = await open(t);
  const unheard: NewNotice = {
    accountId: null,
    subject: 'settings',
    ...noticed('settings_unheard', { settings: 'ROOT_ACCOUNT_ID' }),
  };
  notices.raise(unheard);
  assert.deepEqual(await look(), ['settings_unheard settings']);
  const next = board();
  next.conclude(null, 'settings_unheard', 'settings');
  await next.close();
  assert.deepEqual(await store.listStandingNotices(10), []);
});
