import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ApiTest, Called } from '../../support/api.ts';
import { connect, open, senderPath, subscribe, whatsapp } from '../../support/connected.ts';

type Changing = 'PUT' | 'PATCH' | 'DELETE';

interface Case {
  /** How it is changed; nothing makes what is changed by PATCH. */
  readonly verb?: 'PATCH';
  readonly path: string;
  readonly body: unknown;
  /** Another body, which changes what is there. */
  readonly other: unknown;
  /** Whether a PUT makes it where it is not there. */
  readonly isMade: boolean;
  /** Makes it some other way than by its PUT; gives what stands for ID in the path, if anything does. */
  readonly make: (api: ApiTest) => Promise<unknown>;
  /** Lets it be taken away. */
  readonly release?: (api: ApiTest) => Promise<unknown>;
}

const template = { components: [{ Type: 'BODY', Text: 'Thank you.' }] };

/** One row for each address of the document that takes PUT, PATCH or DELETE; the test fails for one that is missing here. */
const cases: Readonly<Record<string, Case>> = {
  '/channels/{channelId}': {
    path: '/channels/wa',
    body: { type: 'whatsapp', name: 'One' },
    other: { type: 'whatsapp', name: 'Two' },
    isMade: true,
    make: connect,
  },
  '/channels/{channelId}/senders/{senderId}': {
    path: senderPath,
    body: { phoneNumberId: '9001' },
    other: { name: 'Two' },
    isMade: true,
    make: connect,
  },
  '/channels/{channelId}/senders/{senderId}/webhook': {
    path: `${senderPath}/webhook`,
    body: { queue: true },
    other: { queue: true, types: ['ChatAppStatus'] },
    isMade: false,
    make: connect,
  },
  '/channels/{channelId}/webhook': {
    path: '/channels/wa/webhook',
    body: { queue: true },
    other: { queue: true, auditVersion: 'V2' },
    isMade: false,
    make: connect,
  },
  '/channels/{channelId}/templates/{code}/{language}': {
    path: '/channels/sandbox/templates/ID/en',
    body: template,
    other: { components: [{ Type: 'BODY', Text: 'Thank you very much.' }] },
    isMade: false,
    make: async (api) => {
      const made = await api.call('POST', '/channels/sandbox/templates', {
        name: 'thanks',
        language: 'en',
        category: 'UTILITY',
        ...template,
      });
      return String(made.json['code']);
    },
  },
  '/queues/{name}': {
    path: '/queues/orders',
    body: { delaySeconds: 1 },
    other: { delaySeconds: 2 },
    isMade: true,
    make: (api) => api.call('PUT', '/queues/orders', {}),
  },
  '/destinations/{destinationId}': {
    verb: 'PATCH',
    path: '/destinations/ID',
    body: { batchSize: 8 },
    other: { batchSize: 9, state: 'off' },
    isMade: false,
    make: async (api) => {
      await connect(api);
      return String(await subscribe(api));
    },
    // Removed only once no settings name it.
    release: (api) => api.call('DELETE', senderPath),
  },
  '/users/{userId}': {
    verb: 'PATCH',
    path: '/users/ID',
    body: { role: 'viewer' },
    other: { role: 'operator' },
    isMade: false,
    make: async (api) => {
      const user = { name: 'somebody', role: 'viewer', password: 'a long enough one' };
      return String((await api.call('POST', '/users', user)).json['id']);
    },
  },
  '/keys/{keyId}': {
    verb: 'PATCH',
    path: '/keys/ID',
    body: { name: 'One' },
    other: { name: 'Two' },
    isMade: false,
    make: async (api) => String((await api.call('POST', '/keys', { name: 'One' })).json['id']),
  },
  '/notice-targets/{targetId}': {
    verb: 'PATCH',
    path: '/notice-targets/ID',
    body: { name: 'One' },
    other: { name: 'Two' },
    isMade: false,
    make: async (api) => {
      const target = { kind: 'webhook', name: 'One', url: 'https://example.com/notices' };
      return String((await api.call('POST', '/notice-targets', target)).json['id']);
    },
  },
  '/accounts/{accountId}/limits': {
    verb: 'PATCH',
    path: '/accounts/77/limits',
    body: { queuedMessages: 1 },
    other: { queuedMessages: 2 },
    isMade: false,
    make: (api) => api.addAccount(77),
  },
};

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

function tagOf(answer: Called | undefined): string {
  const tag = String(answer?.headers['etag']);
  assert.match(tag, /^"[A-Za-z0-9_-]{22}"$/);
  return tag;
}

/** What changes or takes away one thing, by address; a session is its bearer's own and has no version. */
async function listChanges(api: ApiTest): Promise<Map<string, readonly [Changing, Operation][]>> {
  const { paths } = (await api.app.inject({ url: '/api/v1/openapi.json' })).json<Document>();
  const changes = Object.entries(paths)
    .filter(([path]) => !path.startsWith('/api/v1/session'))
    .map(([path, operations]) => {
      const some = (['PUT', 'PATCH', 'DELETE'] as const).flatMap((method): [Changing, Operation][] => {
        const operation = operations[method.toLowerCase()];
        return operation === undefined ? [] : [[method, operation]];
      });
      return [path.replace('/api/v1', ''), some] as const;
    });
  return new Map(changes.filter(([, some]) => some.length > 0));
}

test('every PUT, PATCH and DELETE of the document takes conditions and says so', async (t) => {
  const changes = await listChanges(await open(t));
  assert.deepEqual([...changes.keys()].toSorted(), Object.keys(cases).toSorted());
  for (const [path, operations] of changes) {
    const verbs = operations.map(([method]) => method).filter((method) => method !== 'DELETE');
    assert.deepEqual(verbs, [cases[path]?.verb ?? 'PUT'], path);
    for (const [method, { parameters = [], responses }] of operations) {
      const headers = parameters.filter(({ in: place }) => place === 'header').map(({ name }) => name);
      assert.deepEqual(headers, method === 'PUT' ? ['if-match', 'if-none-match'] : ['if-match'], path);
      assert.ok('412' in responses, `${method} ${path}`);
    }
  }
});

/** Makes what the row is about; gives its address. */
async function makeOne(api: ApiTest, { make, path }: Case): Promise<string> {
  const made = await make(api);
  return typeof made === 'string' ? path.replace('ID', made) : path;
}

for (const [name, row] of Object.entries(cases)) {
  const verb = row.verb ?? 'PUT';

  test(`${verb} ${name} makes only where nothing is, and changes only what is as it was seen`, async (t) => {
    const api = await open(t);
    const call = (path: string, body: unknown, headers: Record<string, string>) =>
      api.call(verb, path, body, undefined, headers);
    if (row.isMade && row.path !== senderPath) {
      const fresh = row.path === '/channels/wa' ? whatsapp : row.body;
      const missing = await call(row.path, fresh, { 'if-match': '*' });
      assert.equal(missing.status, 412, missing.body);
      const racing = await Promise.all(
        Array.from({ length: 4 }, () => call(row.path, fresh, { 'if-none-match': '*' })),
      );
      assert.deepEqual(racing.map(({ status }) => status).toSorted(), [201, 412, 412, 412]);
      tagOf(racing.find(({ status }) => status === 201));
    }
    const path = await makeOne(api, row);
    const before = await api.call('GET', path);
    assert.equal(tagOf(before), tagOf(await api.call('GET', path)));
    const taken = await call(path, row.body, { 'if-none-match': '*' });
    const refusal = verb === 'PUT' ? [412, 'already_exists'] : [400, 'bad_request'];
    assert.deepEqual([taken.status, taken.json['code']], refusal, taken.body);
    assert.equal((await api.call('GET', path)).body, before.body);

    const changed = await call(path, row.other, { 'if-match': `"older", ${tagOf(before)}` });
    assert.equal(changed.status, 200, changed.body);
    assert.equal(tagOf(changed), tagOf(await api.call('GET', path)));
    assert.notEqual(tagOf(changed), tagOf(before));
    for (const tag of [tagOf(before), `W/${tagOf(changed)}`, '"', 'x']) {
      const stale = await call(path, row.body, { 'if-match': tag });
      assert.deepEqual(
        [stale.status, stale.json['code']],
        tag.length < 3 ? [400, 'bad_request'] : [412, 'changed_meanwhile'],
        stale.body,
      );
    }
    const racing = await Promise.all(
      [row.body, row.body, row.body].map((body) => call(path, body, { 'if-match': tagOf(changed) })),
    );
    assert.deepEqual(racing.map(({ status }) => status).toSorted(), [200, 412, 412]);
    assert.equal((await call(path, row.other, { 'if-match': '*' })).status, 200);
  });

  test(`DELETE ${name} takes away only what is as it was seen`, async (t) => {
    const api = await open(t);
    const path = await makeOne(api, row);
    const drop = (tag: string) => api.call('DELETE', path, undefined, undefined, { 'if-match': tag });
    if (!(await listChanges(api)).get(name)?.some(([method]) => method === 'DELETE')) {
      assert.equal((await drop('"old"')).status, 405, 'the document tells of no DELETE');
      return;
    }
    await row.release?.(api);
    const seen = tagOf(await api.call('GET', path));
    assert.equal((await api.call(verb, path, row.other)).status, 200);
    for (const tag of ['"old"', seen]) {
      const stale = await drop(tag);
      assert.deepEqual([stale.status, stale.json['code']], [412, 'changed_meanwhile'], stale.body);
    }
    const gone = await drop(tagOf(await api.call('GET', path)));
    assert.ok(gone.status === 204 || gone.status === 200, gone.body);
    const again = await drop('*');
    assert.equal(again.status, 404, again.body);
  });
}

test('a condition is refused where nobody would look at it', async (t) => {
  const api = await open(t);
  const unread = await api.call('POST', '/keys', {}, undefined, { 'if-match': '"old"' });
  assert.deepEqual([unread.status, unread.json['field']], [400, 'if-match']);
});

const pages = new URL('../../../web/src/pages/', import.meta.url);

/** A switch says what it wants, whatever else was changed. */
const unconditional: readonly string[] = ['deliveries/destination-panel.tsx'];

test('every form of the console sends the version that it shows', () => {
  const files = readdirSync(pages, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tsx'),
  );
  const calls = files.flatMap((file) =>
    readFileSync(new URL(file, pages), 'utf8')
      .split(/(?=api\.(?:PUT|PATCH)\()/)
      .slice(1)
      .map((text) => ({ file, has: /^api\.[^;]{0,120}?params: \{[^;]{0,80}?\bheader\b/.test(text) })),
  );
  assert.ok(calls.length > 10);
  const without = calls.filter(({ has }) => !has).map(({ file }) => file);
  assert.deepEqual(without, unconditional);
});

test('a credential goes only when it is said to go', async (t) => {
  const api = await open(t);
  await connect(api);
  const names = async () => Object.keys((await api.store.findChannel('wa'))?.credentials ?? {}).toSorted();
  const put = (body: object) => api.call('PUT', '/channels/wa', { type: 'whatsapp', ...body });
  assert.equal((await put({ credentials: { appSecret: 'another' } })).status, 200);
  assert.deepEqual(await names(), ['accessToken', 'appSecret', 'verifyToken']);
  assert.equal((await api.store.findChannel('wa'))?.credentials['appSecret'], 'another');
  const needed = await put({ credentials: { appSecret: null } });
  assert.deepEqual([needed.status, needed.json['field']], [400, 'credentials.appSecret']);
  const moved = await put({ wabaId: '7' });
  assert.deepEqual([moved.status, moved.json['code'], moved.json['field']], [409, 'wrong_state', 'wabaId']);
  assert.equal((await put({ wabaId: '7', credentials: { accessToken: null } })).status, 200);
  assert.deepEqual(await names(), ['appSecret', 'verifyToken']);
  assert.equal((await api.store.findChannel('wa'))?.wabaId, '7');
});
