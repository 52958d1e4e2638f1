import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiTest, Called } from '../support/api.ts';
import { connect, open, senderPath, subscribe, whatsapp } from '../support/connected.ts';

interface Case {
  readonly path: string;
  readonly body: unknown;
  /** Another body, which changes what is there. */
  readonly other: unknown;
  /** Whether a PUT makes it where it is not there. */
  readonly isMade: boolean;
  readonly make: (api: ApiTest) => Promise<unknown>;
}

const template = { components: [{ Type: 'BODY', Text: 'Thank you.' }] };

/** One row for each PUT of the document; the test fails for one that is missing here. */
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
    path: '/channels/sandbox/templates/CODE/en',
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
};

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

async function addUser(api: ApiTest): Promise<string> {
  const user = { name: 'somebody', role: 'viewer', password: 'a long enough one' };
  return String((await api.call('POST', '/users', user)).json['id']);
}

async function addKey(api: ApiTest): Promise<string> {
  return String((await api.call('POST', '/keys', { name: 'One' })).json['id']);
}

/** Whatever changes one thing that has a version takes the version: of the document each such PATCH, PUT and DELETE. */
test('whatever has an ETag is changed and taken away under a condition', async (t) => {
  const api = await open(t);
  const { paths } = (await api.app.inject({ url: '/api/v1/openapi.json' })).json<Document>();
  const ofSession = /^\/api\/v1\/session/;
  const missing = Object.entries(paths)
    .filter(([path]) => !ofSession.test(path))
    .flatMap(([path, operations]) =>
      ['put', 'patch', 'delete']
        .filter((method) => operations[method] !== undefined)
        .filter((method) => !operations[method]?.parameters?.some(({ name }) => name === 'if-match'))
        .map((method) => `${method} ${path}`),
    );
  assert.deepEqual(missing, []);
});

function tagOf({ headers }: Called): string {
  const tag = String(headers['etag']);
  assert.match(tag, /^"[A-Za-z0-9_-]{22}"$/);
  return tag;
}

test('every PUT of the document takes conditions and says so', async (t) => {
  const api = await open(t);
  const document = (await api.app.inject({ url: '/api/v1/openapi.json' })).json<Document>();
  const puts = Object.entries(document.paths).filter(([, operations]) => operations['put'] !== undefined);
  const paths = puts.map(([path]) => path.replace('/api/v1', ''));
  assert.deepEqual(paths.toSorted(), Object.keys(cases).toSorted());
  for (const [path, { put }] of puts) {
    const headers = put?.parameters?.filter(({ in: place }) => place === 'header').map(({ name }) => name);
    assert.deepEqual(headers, ['if-match', 'if-none-match'], path);
    assert.ok('412' in (put?.responses ?? {}), path);
  }
});

for (const [name, row] of Object.entries(cases))
  test(`PUT ${name} is made only where nothing is, and changed only as it was seen`, async (t) => {
    const api = await open(t);
    const put = (path: string, body: unknown, headers: Record<string, string>) =>
      api.call('PUT', path, body, undefined, headers);
    if (row.isMade && row.path !== senderPath) {
      const fresh = row.path === '/channels/wa' ? whatsapp : row.body;
      const missing = await put(row.path, fresh, { 'if-match': '*' });
      assert.equal(missing.status, 412, missing.body);
      const racing = await Promise.all(
        Array.from({ length: 4 }, () => put(row.path, fresh, { 'if-none-match': '*' })),
      );
      assert.deepEqual(racing.map(({ status }) => status).toSorted(), [201, 412, 412, 412]);
    }
    const made = await row.make(api);
    const path = typeof made === 'string' ? row.path.replace('CODE', made) : row.path;
    const before = await api.call('GET', path);
    assert.equal(tagOf(before), tagOf(await api.call('GET', path)));
    const taken = await put(path, row.body, { 'if-none-match': '*' });
    assert.deepEqual([taken.status, taken.json['code']], [412, 'already_exists'], taken.body);
    assert.equal((await api.call('GET', path)).body, before.body);

    const changed = await put(path, row.other, { 'if-match': `"older", ${tagOf(before)}` });
    assert.equal(changed.status, 200, changed.body);
    assert.equal(tagOf(changed), tagOf(await api.call('GET', path)));
    assert.notEqual(tagOf(changed), tagOf(before));
    for (const tag of [tagOf(before), `W/${tagOf(changed)}`, '"', 'x']) {
      const stale = await put(path, row.body, { 'if-match': tag });
      assert.deepEqual(
        [stale.status, stale.json['code']],
        tag.length < 3 ? [400, 'bad_request'] : [412, 'changed_meanwhile'],
        stale.body,
      );
    }
    const racing = await Promise.all(
      [row.body, row.body, row.body].map((body) => put(path, body, { 'if-match': tagOf(changed) })),
    );
    assert.deepEqual(racing.map(({ status }) => status).toSorted(), [200, 412, 412]);
    assert.equal((await put(path, row.other, { 'if-match': '*' })).status, 200);
  });

test('what is taken away or changed in part is so only as it was seen, and elsewhere a condition is refused', async (t) => {
  const api = await open(t);
  await connect(api);
  await api.call('PUT', '/queues/orders', {});
  const destination = `/destinations/${await subscribe(api)}`;
  const stale = { 'if-match': '"old"' };
  for (const path of [senderPath, '/channels/wa', '/queues/orders']) {
    const tag = tagOf(await api.call('GET', path));
    assert.equal((await api.call('DELETE', path, undefined, undefined, stale)).status, 412, path);
    const gone = await api.call('DELETE', path, undefined, undefined, { 'if-match': tag });
    assert.equal(gone.status, 204, gone.body);
  }
  const tag = tagOf(await api.call('GET', destination));
  const patch = (headers: Record<string, string>) =>
    api.call('PATCH', destination, { batchSize: 9, state: 'off' }, undefined, headers);
  assert.equal((await patch(stale)).status, 412);
  assert.equal((await patch({ 'if-match': tag })).json['batchSize'], 9);
  assert.equal((await patch({ 'if-match': tag })).status, 412);
  for (const path of [`/users/${await addUser(api)}`, `/keys/${await addKey(api)}`]) {
    const seen = tagOf(await api.call('GET', path));
    const change = (headers: Record<string, string>) =>
      api.call(
        'PATCH',
        path,
        path.startsWith('/users') ? { role: 'operator' } : { name: 'Two' },
        undefined,
        headers,
      );
    assert.equal((await change(stale)).status, 412, path);
    const racing = await Promise.all([1, 2, 3].map(() => change({ 'if-match': seen })));
    assert.deepEqual(racing.map(({ status }) => status).toSorted(), [200, 412, 412], path);
    const changed = racing.find(({ status }) => status === 200);
    assert.equal(changed && tagOf(changed), tagOf(await api.call('GET', path)));
    if (path.startsWith('/keys')) continue;
    const drop = (headers: Record<string, string>) => api.call('DELETE', path, undefined, undefined, headers);
    assert.equal((await drop({ 'if-match': seen })).status, 412);
    assert.equal((await drop({ 'if-match': tagOf(await api.call('GET', path)) })).status, 204);
  }
  const unread = await api.call('POST', '/keys', {}, undefined, stale);
  assert.deepEqual([unread.status, unread.json['field']], [400, 'if-match']);
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
