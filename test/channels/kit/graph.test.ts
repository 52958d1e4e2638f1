import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ServerResponse } from 'node:http';
import { createGraph, toAppSecretProof } from '../../../src/channels/kit/graph.ts';
import type { GraphAnswer, GraphCall } from '../../../src/channels/kit/graph.ts';
import { openReceiver } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';

const client = openLocalClient();
after(() => client.close());

const token = 'EAAGm0PX4ZCpsBA-secret-token';
const call: GraphCall = { method: 'POST', path: ['1055', 'messages'], token, body: { to: '1' } };

async function ask(
  answer: (response: ServerResponse) => void,
  changes: Partial<GraphCall> = {},
): Promise<{
  answer: GraphAnswer;
  path: string;
  headers: Readonly<Record<string, unknown>>;
  body: string;
}> {
  const receiver = await openReceiver((_call, response) => answer(response));
  const graph = createGraph({ client, graphUrl: receiver.url, graphVersion: 'v25.0', now: Date.now });
  try {
    const given = await graph({ ...call, ...changes });
    const [seen] = receiver.calls;
    assert.ok(seen);
    return { answer: given, ...seen };
  } finally {
    await receiver.close();
  }
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };

describe('a call of the Graph API', () => {
  it('sends JSON with the token under version and path, and gives the answer', async () => {
    const { answer, path, headers, body } = await ask(json(200, { messages: [{ id: 'wamid.X' }] }), {
      path: ['1055/..', 'messages'],
      query: { fields: 'a,b' },
    });
    assert.deepEqual(answer, {
      kind: 'ok',
      body: { messages: [{ id: 'wamid.X' }] },
      usedPercent: 0,
      bytes: 31,
    });
    assert.equal(path, '/v25.0/1055%2F../messages?fields=a%2Cb');
    assert.equal(headers['authorization'], `Bearer ${token}`);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(body, '{"to":"1"}');
  });

  it('carries the proof of the app secret when that is given', async () => {
    const { path } = await ask(json(200, {}), { appSecret: 'secret' });
    assert.equal(path, `/v25.0/1055/messages?appsecret_proof=${toAppSecretProof('secret', token)}`);
  });

  it('reads the error in the form of Graph, and shows details without the token', async () => {
    const { answer } = await ask(
      json(401, {
        error: {
          message: `Malformed access token ${token}`,
          type: 'OAuthException',
          code: 190,
          error_subcode: 463,
          error_data: { messaging_product: 'whatsapp', details: 'It has expired.' },
          fbtrace_id: 'Az8',
        },
      }),
    );
    assert.deepEqual(answer, {
      kind: 'refused',
      error: {
        status: 401,
        code: 190,
        subcode: 463,
        text: 'Malformed access token … – It has expired.',
        isTransient: false,
        retryAfterMs: undefined,
        traceId: 'Az8',
      },
    });
  });

  it('takes the longest wait that the headers ask for', async () => {
    const usage = { '102': [{ type: 'messaging', call_count: 100, estimated_time_to_regain_access: 3 }] };
    const { answer } = await ask(
      json(
        400,
        { error: { message: 'x', code: 80007 } },
        { 'retry-after': '60', 'x-business-use-case-usage': JSON.stringify(usage) },
      ),
    );
    assert.ok(answer.kind === 'refused');
    assert.equal(answer.error.retryAfterMs, 180_000);
  });

  it('takes a date to wait until for as far away as the clock that wrote it says', async () => {
    const refused = { error: { message: 'x', code: 4 } };
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    const waitOf = async (until: string): Promise<number | undefined> => {
      const { answer } = await ask(json(429, refused, { date, 'retry-after': until }));
      assert.ok(answer.kind === 'refused');
      return answer.error.retryAfterMs;
    };
    assert.equal(await waitOf('Sun, 06 Nov 1994 08:51:37 GMT'), 120_000);
    assert.equal(await waitOf('Sun, 06 Nov 1994 08:40:00 GMT'), undefined);
    assert.equal(await waitOf('Fri, 31 Dec 2999 23:59:59 GMT'), 72 * 3_600_000);
  });

  it('tells how much of the limits is used', async () => {
    const { answer } = await ask(json(200, {}, { 'x-app-usage': '{"call_count":28,"total_time":91}' }));
    assert.ok(answer.kind === 'ok');
    assert.equal(answer.usedPercent, 91);
  });

  it('has no code when the answer is not in the form of Graph', async () => {
    const { answer } = await ask((response) => {
      response.writeHead(502).end('<html>bad gateway</html>');
    });
    assert.ok(answer.kind === 'refused');
    assert.equal(answer.error.code, null);
    assert.equal(answer.error.status, 502);
  });

  it('does not know what became of a request whose answer broke off or made no sense', async () => {
    const cut = await ask((response) => response.destroy());
    assert.equal(cut.answer.kind, 'unknown');
    const garbled = await ask((response) => response.end('{"messages":[{"id'));
    assert.equal(garbled.answer.kind, 'unknown');
    const silent = await ask(() => undefined, { timeoutMs: 2000 });
    assert.equal(silent.answer.kind, 'unknown');
  });

  it('takes an error beside a good status for what it is: none, in a form of its own, or not to be read', async () => {
    const id = { messages: [{ id: 'wamid.1' }] };
    const of = async (body: object) => (await ask(json(200, body))).answer.kind;
    assert.equal(await of({ ...id, error: null }), 'ok');
    assert.equal(await of({ error: { message: 'No', code: 131026 } }), 'refused');
    for (const error of ['no', false, 0, [], [{ code: 1 }]])
      assert.equal(await of({ ...id, error }), 'unknown', JSON.stringify(error));
  });

  it('knows that a request which found nobody was not taken', async () => {
    const receiver = await openReceiver();
    await receiver.close();
    const graph = createGraph({ client, graphUrl: receiver.url, graphVersion: 'v25.0', now: Date.now });
    assert.equal((await graph(call)).kind, 'unsent');
  });

  it('never goes inside a network that is not allowed', async () => {
    const guarded = openLocalClient({ egressAllow: [] });
    const graph = createGraph({
      client: guarded,
      graphUrl: 'http://127.0.0.1:9',
      graphVersion: 'v25.0',
      now: Date.now,
    });
    const answer = await graph(call);
    assert.equal(answer.kind, 'unsent');
    await guarded.close();
  });
});
