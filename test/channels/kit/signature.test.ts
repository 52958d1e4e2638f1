import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { isSigned } from '../../../src/channels/kit/app-secret.ts';
import { channel } from '../../support/graph.ts';

const body = Buffer.from('{"object":"page"}');

/** Whether a body that is signed with `secret` is believed by a channel with these credentials. */
function isBelieved(credentials: Readonly<Record<string, string>>, secret: string): boolean {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { 'x-hub-signature-256': `sha256=${signature}` };
  const request = { headers, query: {}, remoteAddress: '192.0.2.1', pathSecret: null, body };
  return isSigned({ ...channel, credentials }, request);
}

test('a channel believes what its app secret, or the one before it, has signed', () => {
  const credentials = { appSecret: 'new', appSecretPrevious: 'old' };
  assert.deepEqual(
    ['new', 'old', 'other', ''].map((secret) => isBelieved(credentials, secret)),
    [true, true, false, false],
  );
});

test('a channel that was made without its app secret believes nothing, signed with nothing either', () => {
  for (const credentials of [{}, { appSecret: '' }, { verifyToken: 'v' }])
    for (const secret of ['', 'v', 'undefined'])
      assert.equal(isBelieved(credentials, secret), false, JSON.stringify(credentials));
});
