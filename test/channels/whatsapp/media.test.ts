import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { toAppSecretProof } from '../../../src/channels/kit/graph.ts';
import { channel, openGraphBed } from '../../support/graph.ts';
import type { GraphBed } from '../../support/graph.ts';

let bed: GraphBed;

/** A Graph API of an app that has "Require app secret" on. */
before(async () => {
  const proof = toAppSecretProof('app-secret', 'EAAtoken');
  const message = 'API calls from the server require an appsecret_proof argument';
  bed = await openGraphBed(({ path }, url) => {
    if (path.startsWith('/file'))
      return { headers: { 'content-type': 'image/png' }, body: Buffer.from('a picture') };
    return path === `/v25.0/1037?appsecret_proof=${proof}`
      ? { body: { url: `${url}/file`, id: '1037' } }
      : { status: 400, body: { error: { message, type: 'GraphMethodException', code: 100 } } };
  });
});
after(() => bed.close());

it('a file is asked for with the proof of the app secret where the app wants it', async () => {
  const careful = { ...channel, options: { appSecretProof: true } };
  const fetched = await bed.connector.fetchMedia(careful, '1037');
  assert.ok('bytes' in fetched, JSON.stringify(fetched));
  assert.equal(fetched.mimeType, 'image/png');
  const chunks: Uint8Array[] = [];
  for await (const chunk of fetched.bytes) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'a picture');
});

it('a file that is refused for want of that proof is not gone, but waits for the setting', async () => {
  const fetched = await bed.connector.fetchMedia(channel, '1037');
  assert.partialDeepStrictEqual(fetched, { fault: 'auth' });
  assert.ok('reason' in fetched);
  assert.match(fetched.reason, /proof of the app secret/);
});

const lost = {
  status: 400,
  body: { error: { message: 'Unsupported get request', code: 100, error_subcode: 33 } },
};
for (const [what, own, expected] of [
  ['gone where the channel itself still answers', { body: { id: '7001' } }, 'gone'],
  ['the token’s trouble where the channel is not seen either', lost, 'auth'],
  [
    'kept for later while the channel may not be asked',
    { status: 400, body: { error: { code: 80008 } } },
    'later',
  ],
  ['kept for later where the answer names another', { body: {} }, 'later'],
  [
    'kept for later by a refusal that nothing explains',
    { status: 400, body: { error: { code: 777001 } } },
    'later',
  ],
] as const)
  it(`a media id that Graph does not know is ${what}`, async (t) => {
    const other = await openGraphBed(({ path }) => (path.startsWith('/v25.0/7001') ? own : lost));
    t.after(() => other.close());
    const fetched = await other.connector.fetchMedia(channel, '1037', { routeId: '7001' });
    assert.partialDeepStrictEqual(fetched, { fault: expected });
  });

it('a file that is put off is asked for when the channel says', async (t) => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
  const other = await openGraphBed(() => ({
    status: 400,
    headers: { date, 'retry-after': 'Sun, 06 Nov 1994 08:51:37 GMT' },
    body: { error: { message: 'slow', code: 4 } },
  }));
  t.after(() => other.close());
  assert.partialDeepStrictEqual(await other.connector.fetchMedia(channel, '1037', { routeId: '7001' }), {
    fault: 'later',
    retryAfterMs: 120_000,
  });
});

for (const [code, expected] of [
  [80007, 'later'],
  [4, 'later'],
  [3, 'auth'],
  [10, 'auth'],
  [200, 'auth'],
  [368, 'auth'],
  [131000, 'later'],
  [777001, 'later'],
] as const)
  it(`a file that is refused with ${code} is not gone`, async (t) => {
    const other = await openGraphBed(() => ({ status: 404, body: { error: { message: 'no', code } } }));
    t.after(() => other.close());
    assert.partialDeepStrictEqual(await other.connector.fetchMedia(channel, '1037', { routeId: '7001' }), {
      fault: expected,
    });
  });
