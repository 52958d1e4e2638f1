// Whose keys may do what with a queue: every operation with another account's key, with keys that may not do everything, and with
// temporary keys of one queue.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { keyRoles, system } from '../../../src/domain/account.ts';
import type { KeyRole } from '../../../src/domain/account.ts';
import { defaultQueueAttributes } from '../../../src/domain/queue.ts';
import { operationNames } from '../../../src/protocols/smq/operations.ts';
import { openSmqApp } from '../../support/smq-app.ts';
import type { SmqApp } from '../../support/smq-app.ts';
import { callSmq } from '../../support/smq-request.ts';
import type { SmqCall, SmqReply } from '../../support/smq-request.ts';

interface Row {
  readonly call: Pick<SmqCall, 'method' | 'body' | 'headers'>;
  /** Below `/queues/<name>`; an absolute path where the operation is about no queue. */
  readonly target: (handle: string) => string;
  /** The status and code that answer another account's key; where there is no code, what it is told or did is its own. */
  readonly stranger: readonly [number, string?];
  /** The keys that may do it, beside those that may do everything. */
  readonly roles: readonly KeyRole[];
  /** Whether a temporary key may do it with its queue. */
  readonly ofQueue: boolean;
}

const message = '<Message><MessageBody>own words</MessageBody></Message>';
const handles = (handle: string) =>
  `<ReceiptHandles><ReceiptHandle>${handle}</ReceiptHandle></ReceiptHandles>`;
const missing = [404, 'QueueNotExist'] as const;

const rows: Readonly<Record<string, Row>> = {
  ListQueue: {
    call: {},
    target: () => '/queues',
    stranger: [200],
    roles: ['read'],
    ofQueue: false,
  },
  CreateQueue: {
    call: { method: 'PUT', body: '<Queue><VisibilityTimeout>77</VisibilityTimeout></Queue>' },
    target: () => '',
    stranger: [201],
    roles: [],
    ofQueue: false,
  },
  SetQueueAttributes: {
    call: { method: 'PUT', body: '<Queue><VisibilityTimeout>77</VisibilityTimeout></Queue>' },
    target: () => '?metaoverride=true',
    stranger: missing,
    roles: [],
    ofQueue: false,
  },
  GetQueueAttributes: {
    call: {},
    target: () => '',
    stranger: missing,
    roles: ['read', 'send', 'receive'],
    ofQueue: false,
  },
  // A queue that is not there is as good as deleted.
  DeleteQueue: { call: { method: 'DELETE' }, target: () => '', stranger: [204], roles: [], ofQueue: false },
  SendMessage: {
    call: { method: 'POST', body: message },
    target: () => '/messages',
    stranger: missing,
    roles: ['send'],
    ofQueue: false,
  },
  ReceiveMessage: {
    call: {},
    target: () => '/messages?numOfMessages=16',
    stranger: missing,
    roles: ['receive'],
    ofQueue: true,
  },
  PeekMessage: {
    call: {},
    target: () => '/messages?peekonly=true',
    stranger: missing,
    roles: ['receive', 'read'],
    ofQueue: true,
  },
  ChangeMessageVisibility: {
    call: { method: 'PUT' },
    target: (handle) => `/messages?ReceiptHandle=${handle}&VisibilityTimeout=60`,
    stranger: missing,
    roles: ['receive'],
    ofQueue: true,
  },
  DeleteMessage: {
    call: { method: 'DELETE' },
    target: (handle) => `/messages?ReceiptHandle=${handle}`,
    stranger: missing,
    roles: ['receive'],
    ofQueue: true,
  },
  BatchDeleteMessage: {
    call: { method: 'DELETE' },
    target: () => '/messages',
    stranger: missing,
    roles: ['receive'],
    ofQueue: true,
  },
  GetAccountAttributes: {
    call: {},
    target: () => '/?accountmeta=true',
    stranger: [200],
    roles: ['read', 'send', 'receive'],
    ofQueue: false,
  },
  SetAccountAttributes: {
    call: { method: 'PUT', body: '<Account><LoggingBucket></LoggingBucket></Account>' },
    target: () => '/?accountmeta=true',
    stranger: [204],
    roles: [],
    ofQueue: false,
  },
  Unsupported: {
    call: {},
    target: () => '/topics',
    stranger: [501, 'UnsupportedOperation'],
    roles: ['send', 'receive', 'read'],
    ofQueue: false,
  },
};

interface Bed extends SmqApp {
  /** Does what a row says with the queue of that name. */
  readonly play: (
    row: Row,
    queue: string,
    key: { readonly id: string; readonly secret: string },
    token?: string,
  ) => Promise<SmqReply>;
  /** Handle of the message that the first account has received and keeps. */
  readonly handle: string;
  /** What is in the first account's queue. */
  readonly look: () => Promise<string>;
}

/** A queue with a message that waits and one that is held. */
async function open(t: TestContext): Promise<Bed> {
  const app = await openSmqApp();
  t.after(() => app.close());
  const call = (target: string, options: Omit<SmqCall, 'now'> = {}): Promise<SmqReply> =>
    callSmq(app.app, target, { now: app.clock.now(), ...options });
  await call('/queues/orders', { method: 'PUT' });
  await call('/queues/other', { method: 'PUT' });
  for (let count = 0; count < 2; count += 1)
    await call('/queues/orders/messages', { method: 'POST', body: message });
  const handle = (await call('/queues/orders/messages')).element('ReceiptHandle') ?? '';
  assert.notEqual(handle, '');
  return {
    ...app,
    handle,
    play: (row, queue, key, token) => {
      const path = row.target(encodeURIComponent(handle));
      const isOfQueue = !['/queues', '/topics', '/?accountmeta=true'].includes(path);
      const isBatch = row === rows['BatchDeleteMessage'];
      return call(isOfQueue ? `/queues/${queue}${path}` : path, {
        ...row.call,
        ...(isBatch ? { body: handles(handle) } : {}),
        key,
        headers: token === undefined ? {} : { 'security-token': token },
      });
    },
    look: async () => {
      const queues = await app.store.listQueues(app.accountId, '', '', 100);
      const counts = await Promise.all(queues.map((queue) => app.store.countMessages(queue)));
      return JSON.stringify([queues, counts]);
    },
  };
}

it('has every operation in its table', () => {
  assert.deepEqual(Object.keys(rows).toSorted(), [...operationNames].toSorted());
});

it("lets another account's key see and change nothing, in any operation", async (t) => {
  for (const [name, row] of Object.entries(rows)) {
    const bed = await open(t);
    const key = { id: 'stranger', secret: 'stranger-secret' };
    await bed.store.createAccount({ id: 9, name: 'Stranger' }, system);
    await bed.store.createKey({ ...key, accountId: 9 }, system);
    const before = await bed.look();
    const reply = await bed.play(row, 'orders', key);
    const [status, code] = row.stranger;
    assert.deepEqual([reply.status, reply.element('Code')], [status, code], `${name}: ${reply.text}`);
    assert.doesNotMatch(reply.text, /own words|orders/, name);
    assert.equal(await bed.look(), before, name);
    // With a queue of that name of his own, a handle of the first account's is still none of his.
    if (name !== 'CreateQueue') await bed.store.createQueue(9, 'orders', defaultQueueAttributes);
    const own = await bed.play(row, 'orders', key);
    assert.doesNotMatch(own.text, /own words/, name);
    assert.equal(await bed.look(), before, name);
  }
});

it('lets a key do what its role allows, in any operation, and nothing else', async (t) => {
  for (const role of keyRoles)
    for (const [name, row] of Object.entries(rows)) {
      const bed = await open(t);
      const key = { id: `key-${role}`, secret: 'secret' };
      await bed.store.createKey({ ...key, accountId: bed.accountId, role }, system);
      const before = await bed.look();
      const reply = await bed.play(row, 'orders', key);
      const isAllowed = role === 'full' || row.roles.includes(role);
      const isRefused = reply.status === 403 && reply.element('Code') === 'AccessDenied';
      assert.equal(isRefused, !isAllowed, `${role}: ${name}: ${reply.status} ${reply.text}`);
      if (isRefused) assert.equal(await bed.look(), before, `${role}: ${name}`);
    }
});

it('lets a temporary key consume its queue, and do nothing else there or with any other', async (t) => {
  const key = { id: 'STS.1', secret: 'temporary' };
  for (const [name, row] of Object.entries(rows)) {
    const bed = await open(t);
    const createdAt = bed.clock.now();
    const temporary = { ...key, accountId: bed.accountId, securityToken: 'token', queueName: 'orders' };
    await bed.store.createTemporaryKey({ ...temporary, createdAt, expiresAt: createdAt + 3_600_000 });
    const before = await bed.look();
    const other = await bed.play(row, 'other', key, 'token');
    assert.deepEqual([other.status, other.element('Code')], [403, 'AccessDenied'], `${name} of another`);
    assert.equal(await bed.look(), before, name);
    const own = await bed.play(row, 'orders', key, 'token');
    if (row.ofQueue) assert.ok(own.status < 300, `${name}: ${own.status} ${own.text}`);
    else assert.deepEqual([own.status, own.element('Code')], [403, 'AccessDenied'], name);
    if (!row.ofQueue) assert.equal(await bed.look(), before, name);
    const wrong = await bed.play(row, 'orders', key, 'tokem');
    assert.deepEqual([wrong.status, wrong.element('Code')], [403, 'InvalidAccessKeyId'], name);
    bed.clock.advance(3_600_000);
    const late = await bed.play(row, 'orders', key, 'token');
    assert.deepEqual([late.status, late.element('Code')], [403, 'InvalidAccessKeyId'], name);
  }
});
