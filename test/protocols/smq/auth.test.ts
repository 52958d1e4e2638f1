import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  checkDate,
  isContentMd5,
  isSignedBy,
  parseAuthorization,
  signV4,
} from '../../../src/protocols/smq/auth.ts';
import type { SignedRequest } from '../../../src/protocols/smq/auth.ts';

interface Vector {
  readonly name: string;
  readonly secret: string;
  readonly request: SignedRequest;
  readonly signature: string;
}

const version = { 'x-mns-version': '2015-06-06' };
const date = 'Mon, 02 Mar 2026 08:00:00 GMT';
const xml = 'text/xml;charset=UTF-8';

const v2: readonly Vector[] = [
  {
    name: 'published in the documentation',
    secret: 'TestAccessSecret',
    request: {
      method: 'GET',
      target: '/MyQueue',
      headers: { date: 'Thu, 09 Jul 2015 03:01:34 GMT', ...version },
    },
    signature: 'uwx3yeWoILzgmvesW0BQSgfM7b8=',
  },
  {
    name: "published in the Node SDK's tests",
    secret: 'ACCESS_KEY_SECRET',
    request: {
      method: 'PUT',
      target: '/',
      headers: {
        date: 'Tue, 11 Apr 2017 10:09:19 GMT',
        'content-md5': '574683b3684e3cff610afa155cc2506d',
        'content-type': 'text/xml',
        ...version,
      },
    },
    signature: 'A9zehggaYHHujmuRMxGIDrhWwx8=',
  },
  {
    name: "published in the Java SDK's tests",
    secret: 'accessKeySecret111',
    request: {
      method: 'PUT',
      target: '/queues/TestQueue',
      headers: { date: 'Tue, 03 Jun 2025 11:23:48 GMT', 'content-type': xml, ...version },
    },
    signature: 'HCSlBi5KuXGNf06tZKFiQlNDt4c=',
  },
  {
    name: 'a batch receive',
    secret: 'local-secret-1',
    request: {
      method: 'GET',
      target: '/queues/orders/messages?numOfMessages=16&waitseconds=10',
      headers: { date, 'content-type': xml, ...version },
    },
    signature: 'CLIYFQQuYHPRJy/EETmGRQSFE0w=',
  },
  {
    name: 'a handle that is not percent-encoded',
    secret: 'local-secret-1',
    request: {
      method: 'DELETE',
      target: '/queues/orders/messages?ReceiptHandle=8-AbC123==',
      headers: { date, ...version },
    },
    signature: 'eOUvs391KOEnphDfFkd/gRabguE=',
  },
  {
    name: 'a handle that is percent-encoded',
    secret: 'local-secret-1',
    request: {
      method: 'DELETE',
      target: '/queues/orders/messages?ReceiptHandle=8-AbC123%3D%3D',
      headers: { date, ...version },
    },
    signature: 'najtWlStp+YZSAdRidqWUaV7M0s=',
  },
  {
    name: 'list headers and x-mns-date',
    secret: 'local-secret-1',
    request: {
      method: 'GET',
      target: '/queues',
      headers: {
        date,
        'x-mns-date': date,
        'x-mns-marker': 'b3JkZXJz',
        'x-mns-prefix': 'or',
        'x-mns-ret-number': '10',
        ...version,
      },
    },
    signature: 'bBez6mO1/IMDAC5z99Lfn5ehB94=',
  },
  ...['OGE5MzZmNzBlYzdkYTgxYjI3YjI3ZmU4ZmI2YzhlMWI=', 'ipNvcOx9qBsnsn/o+2yOGw=='].map((md5, index) => ({
    name: `a Content-MD5 of the ${index === 0 ? 'hex' : 'raw'} digest`,
    secret: 'local-secret-1',
    request: {
      method: 'POST',
      target: '/queues/orders/messages',
      headers: { date, 'content-md5': md5, 'content-type': 'text/xml;charset=utf-8', ...version },
    },
    signature: index === 0 ? '4HVevkJDatl7TCeRmF6NJS0K3go=' : 'QmN93iCGGrifbFjd8naS6ugfUp4=',
  })),
];

const v4: readonly (Vector & { readonly region: string; readonly day: string })[] = [
  {
    name: 'published, without headers',
    secret: 'testSk',
    region: 'testRegion',
    day: '20250603',
    request: { method: 'GET', target: '/', headers: { date: 'Tue, 03 Jun 2025 10:52:35 GMT' } },
    signature: '63f78964dcd1132bab91b9c38ceebdfb59509149b34874c5b2c9dfc2b12e7291',
  },
  {
    name: 'published, with parameters of every sort',
    secret: 'sk1',
    region: 'region1',
    day: '20250603',
    request: {
      method: 'POST',
      target: `/queues/TestQueue/?param1=abc&PARAM2=d%20%20ef&PARAM3=%5Bdef%5D%23bbb&PARAM4=${encodeURIComponent('中文参数')}`,
      headers: { date: 'Tue, 03 Jun 2025 10:52:35 GMT' },
    },
    signature: '1fc6013f158d4c3aba09570895a2a93c8445c2c5213d82a1463baf602cf0d945',
  },
  ...(
    [
      [
        'GET',
        '?numOfMessages=16&waitseconds=10',
        '21042e3b02c78ab5551d8d6efaa1f109fec3d64613cf47ee8db28ed7a296570b',
      ],
      ['GET', '?peekonly=true', '963729e2c0a8c163bcd2e3d8e30c2cb4b336a8d5b5aa175915bb99bb1ff5815b'],
      [
        'DELETE',
        '?ReceiptHandle=8-AbC123==',
        '85dfe346bd51b09894947afd208c6e5777042a1c52424941637e9adc078db946',
      ],
    ] as const
  ).map(([method, query, signature]) => ({
    name: `${method} ${query}`,
    secret: 'local-secret-1',
    region: 'cn-hangzhou',
    day: '20260302',
    request: {
      method,
      target: `/queues/orders/messages${query}`,
      headers: { date, 'content-type': xml, ...version },
    },
    signature,
  })),
];

/** The same text with one character another. */
function alter(text: string): string {
  return text.slice(0, -2) + (text.at(-2) === 'A' ? 'B' : 'A') + text.slice(-1);
}

describe('signature V2', () => {
  for (const { name, secret, request, signature } of v2) {
    it(`is accepted: ${name}`, () =>
      assert.ok(isSignedBy({ version: 2, keyId: 'k', signature }, request, secret)));
    it(`is refused when a byte of anything changes: ${name}`, () => {
      const claim = { version: 2, keyId: 'k', signature } as const;
      assert.ok(!isSignedBy({ ...claim, signature: alter(signature) }, request, secret));
      assert.ok(!isSignedBy(claim, request, alter(secret)));
      assert.ok(!isSignedBy(claim, { ...request, method: 'HEAD' }, secret));
      assert.ok(!isSignedBy(claim, { ...request, target: `${request.target}x` }, secret));
      // With both dates there, either may be the one that was signed.
      const signed = Object.keys(request.headers).filter(
        (header) => header !== 'date' || request.headers['x-mns-date'] === undefined,
      );
      for (const header of signed) {
        assert.ok(
          !isSignedBy(claim, { ...request, headers: { ...request.headers, [header]: 'changed' } }, secret),
          header,
        );
      }
    });
  }
});

describe('signature V4', () => {
  for (const { name, secret, region, day, request, signature } of v4) {
    it(`is accepted: ${name}`, () => assert.equal(signV4(request, secret, day, region), signature));
    it(`is refused when a byte of anything changes: ${name}`, () => {
      const claim = { version: 4, keyId: 'k', day, region, signature } as const;
      assert.ok(isSignedBy(claim, request, secret));
      assert.ok(!isSignedBy({ ...claim, signature: alter(signature) }, request, secret));
      assert.ok(!isSignedBy({ ...claim, region: alter(region) }, request, secret));
      assert.ok(!isSignedBy(claim, request, alter(secret)));
      assert.ok(!isSignedBy(claim, { ...request, target: `${request.target}x` }, secret));
    });
  }

  it('is refused when its day is not that of the date', () => {
    const [vector] = v4;
    assert.ok(vector);
    assert.equal(signV4(vector.request, vector.secret, '20250604', vector.region), undefined);
  });
});

describe('the Authorization header', () => {
  it('is read in both versions', () => {
    assert.deepEqual(parseAuthorization('MNS id:abc='), { version: 2, keyId: 'id', signature: 'abc=' });
    const signature = 'a'.repeat(64);
    const header = `MNS4-HMAC-SHA256 Credential=id/20260302/cn-hangzhou/mns/aliyun_v4_request,Signature=${signature}`;
    assert.deepEqual(parseAuthorization(header), {
      version: 4,
      keyId: 'id',
      day: '20260302',
      region: 'cn-hangzhou',
      signature,
    });
  });

  for (const header of [
    '',
    'MNS',
    'MNS id',
    'MNS :x',
    'Basic abc',
    'MNS4-HMAC-SHA256 Credential=id,Signature=x',
  ]) {
    it(`is refused: "${header}"`, () =>
      assert.throws(() => parseAuthorization(header), { code: 'InvalidAuthorizationHeader' }));
  }
});

describe('the date', () => {
  const now = Date.parse(date);
  const check = (headers: SignedRequest['headers'], at = now) =>
    checkDate({ method: 'GET', target: '/', headers }, at);

  it('may be off by 15 minutes either way', () => {
    check({ date }, now + 900_000);
    check({ date }, now - 900_000);
    assert.throws(() => check({ date }, now + 900_001), { code: 'TimeExpired', status: 408 });
    assert.throws(() => check({ date }, now - 900_001), { code: 'TimeExpired' });
  });
  it('may be x-mns-date where Date cannot be set', () => check({ 'x-mns-date': date }));
  it('is needed', () => assert.throws(() => check({}), { code: 'MissingDateHeader', status: 400 }));
  it('has to be one', () =>
    assert.throws(() => check({ date: 'yesterday' }), { code: 'InvalidDateHeader', status: 400 }));
});

describe('Content-MD5', () => {
  const body = Buffer.from('<Message><MessageBody>hi</MessageBody></Message>');
  const digest = createHash('md5').update(body).digest();

  it('is accepted in both forms, and may be absent', () => {
    assert.equal(digest.toString('hex'), '8a936f70ec7da81b27b27fe8fb6c8e1b');
    assert.ok(isContentMd5(digest.toString('base64'), body));
    assert.ok(isContentMd5(Buffer.from(digest.toString('hex')).toString('base64'), body));
    assert.ok(isContentMd5(undefined, body));
  });
  it('is refused when it is of another body', () => {
    assert.ok(!isContentMd5(digest.toString('base64'), Buffer.from('other')));
    assert.ok(!isContentMd5(digest.toString('hex'), body));
  });
});
