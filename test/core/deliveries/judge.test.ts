import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { Breaker } from '../../../src/core/deliveries/breaker.ts';
import { judge } from '../../../src/core/deliveries/judge.ts';
import { generateSecret, toHeaders, toWebhookId } from '../../../src/core/deliveries/signature.ts';
import { presets, toRetryDelay } from '../../../src/domain/delivery.ts';
import type { Preset } from '../../../src/domain/delivery.ts';

const now = Date.UTC(2026, 10, 1);
const answer = (status: number, body = '', headers: Record<string, string> = {}) => ({
  status,
  headers,
  body: Buffer.from(body),
});
const outcome = (preset: Preset, status: number, body = '', headers: Record<string, string> = {}) =>
  judge(answer(status, body, headers), preset, now).outcome;

describe('an answer', () => {
  const cases: readonly [number, string, string, string][] = [
    // status, body, standard, cams
    [200, '{"code":0,"msg":"OK"}', 'accepted', 'accepted'],
    [200, '', 'accepted', 'not_acknowledged'],
    [200, 'OK', 'accepted', 'not_acknowledged'],
    [200, '{}', 'accepted', 'not_acknowledged'],
    [200, '{"code":"0"}', 'accepted', 'accepted'],
    [200, '{"code":1}', 'not_acknowledged', 'not_acknowledged'],
    [200, '{"code":"fail"}', 'not_acknowledged', 'not_acknowledged'],
    [200, '[1]', 'accepted', 'not_acknowledged'],
    // A no is seen wherever it stands: in lists and texts, behind what a server wrote before it, in a call of a script.
    [200, '[{"code":0},{"code":1}]', 'not_acknowledged', 'not_acknowledged'],
    [200, '[{"code":0},{"code":0}]', 'accepted', 'not_acknowledged'],
    [200, '[{"code":0},{"failed":["a"]}]', 'not_acknowledged', 'not_acknowledged'],
    [200, '["done","{\\"code\\":1}"]', 'not_acknowledged', 'not_acknowledged'],
    [200, '["{\\"code\\":1}"]', 'not_acknowledged', 'not_acknowledged'],
    [200, '[[{"code":1}]]', 'not_acknowledged', 'not_acknowledged'],
    [200, '"[{\\"code\\":1}]"', 'not_acknowledged', 'not_acknowledged'],
    [200, '[["{\\"code\\":0}"]]', 'accepted', 'accepted'],
    [200, '[[[[[{"code":0}]]]]]', 'not_acknowledged', 'not_acknowledged'],
    [200, 'Warning: Undefined variable $a\n{"code":1}', 'not_acknowledged', 'not_acknowledged'],
    [200, '<br />\n<b>Notice</b>: {"msg":"no","code" : 1}', 'not_acknowledged', 'not_acknowledged'],
    [200, 'cb({"code":1});', 'not_acknowledged', 'not_acknowledged'],
    [200, ')]}\',\n{"Code":1}', 'not_acknowledged', 'not_acknowledged'],
    [200, 'the code is 1: {"msg":"ok"}', 'accepted', 'not_acknowledged'],
    [204, '', 'accepted', 'rejected'],
    [201, '{"code":0}', 'accepted', 'rejected'],
    [301, '', 'rejected', 'rejected'],
    [400, '{"code":0}', 'rejected', 'rejected'],
    [410, '', 'gone', 'gone'],
    [429, '', 'throttled', 'throttled'],
    [500, '', 'rejected', 'rejected'],
  ];
  for (const [status, body, standard, cams] of cases) {
    it(`${status} with ${body === '' ? 'nothing' : body} is ${standard} by standard and ${cams} by cams`, () => {
      assert.equal(outcome('standard', status, body), standard);
      assert.equal(outcome('cams', status, body), cams);
    });
  }

  it('may ask for a wait in seconds or by a date', () => {
    assert.equal(judge(answer(503, '', { 'retry-after': '120' }), 'standard', now).retryAfterMs, 120_000);
    assert.equal(
      judge(answer(429, '', { 'retry-after': new Date(now + 5000).toUTCString() }), 'standard', now)
        .retryAfterMs,
      5000,
    );
    for (const neither of ['soon', '1.5', '-1', '', 'Tue'])
      assert.equal(judge(answer(500, '', { 'retry-after': neither }), 'standard', now).retryAfterMs, null);
    const long = judge(answer(429, '', { 'retry-after': '99999999999' }), 'standard', now).retryAfterMs;
    assert.ok(long !== null && long > 86_400_000, 'a long wait is no missing one');
  });

  it('may take a batch but for some', () => {
    const failed = (status: number, body: string) =>
      judge(answer(status, body), 'standard', now, ['a', 'b', 'c']).failed;
    assert.deepEqual(failed(200, '{"code":0,"failed":["a","b"]}'), ['a', 'b']);
    assert.equal(failed(200, '{"code":0,"failed":[]}'), null);
    assert.equal(failed(500, '{"code":0,"failed":["a"]}'), null);
  });

  it('that cannot even be looked at is a failed try', () => {
    const broken = {
      status: 200,
      headers: {},
      body: new Proxy(Buffer.from('{}'), { get: () => assert.fail() }),
    };
    assert.deepEqual(judge(broken, 'standard', now).outcome, 'failed');
    assert.match(judge(broken, 'standard', now).answer, /cannot be judged/);
  });
});

describe('the schedule', () => {
  it('is the documented one', () => {
    const minute = 60_000;
    const hour = 60 * minute;
    assert.deepEqual(presets.standard.scheduleMs, [
      0,
      5000,
      30_000,
      2 * minute,
      10 * minute,
      30 * minute,
      hour,
      2 * hour,
      4 * hour,
      8 * hour,
      12 * hour,
    ]);
    assert.deepEqual(presets.cams, { timeoutMs: 3000, scheduleMs: [0, minute, 5 * minute] });
  });
  it('is jittered by a fifth at most, and ends', () => {
    assert.equal(toRetryDelay([0, 5000], 1, 0, null), 4000);
    assert.equal(toRetryDelay([0, 5000], 1, 0.5, null), 5000);
    assert.equal(toRetryDelay([0, 5000], 1, 0.999_999, null), 6000);
    assert.equal(toRetryDelay([0, 5000], 2, 0.5, null), undefined);
  });
  it('is lengthened by Retry-After, bounded by a day, and never shortened', () => {
    assert.equal(toRetryDelay([0, 5000], 1, 0.5, 60_000), 60_000);
    assert.equal(toRetryDelay([0, 5000], 1, 0.5, 1000), 5000);
    assert.equal(toRetryDelay([0, 5000], 1, 0.5, 10 ** 12), 24 * 3_600_000);
  });
});

describe('the headers', () => {
  const secret = generateSecret();
  const old = generateSecret();
  const body = '[{"ReceiptId":"a"}]';
  const signing = {
    id: 'a',
    at: now + 500,
    body,
    secrets: [{ secret, expiresAt: null }],
    attempt: 1,
    cause: null,
  } as const;
  const sign = (key: string, text: string) =>
    `v1,${createHmac('sha256', Buffer.from(key.slice('whsec_'.length), 'base64'))
      .update(text)
      .digest('base64')}`;

  it('are signed as Standard Webhooks says', () => {
    const headers = toHeaders(signing);
    assert.equal(headers['webhook-id'], 'a');
    assert.equal(headers['webhook-timestamp'], String(now / 1000));
    assert.equal(headers['webhook-signature'], sign(secret, `a.${now / 1000}.${body}`));
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['chasqui-attempt'], '1');
    assert.ok(!('chasqui-repeat-cause' in headers));
  });
  it('carry two signatures while a rotation lasts, and say why a repeat is one', () => {
    const secrets = [
      { secret, expiresAt: null },
      { secret: old, expiresAt: now + 1000 },
    ];
    const rotating = toHeaders({ ...signing, secrets, attempt: 2, cause: 'retry' });
    const text = `a.${now / 1000}.${body}`;
    assert.equal(rotating['webhook-signature'], `${sign(secret, text)} ${sign(old, text)}`);
    assert.equal(rotating['chasqui-repeat-cause'], 'retry');
    assert.equal(
      toHeaders({ ...signing, secrets, at: now + 1000 })['webhook-signature']?.split(' ').length,
      1,
    );
  });
  it('name a lone receipt by its own id, and a batch by its members', () => {
    assert.equal(toWebhookId(['a']), 'a');
    assert.equal(toWebhookId(['a', 'b']), toWebhookId(['a', 'b']));
    assert.notEqual(toWebhookId(['a', 'b']), toWebhookId(['a', 'c']));
  });
});

describe('the breaker', () => {
  const settings = { failures: 10, spanMs: 30_000, probeIntervalMs: 30_000 };

  it('opens after ten failures in a row that span half a minute, not before', () => {
    const breaker = new Breaker(settings, false);
    for (let n = 0; n < 30; n += 1) assert.equal(breaker.record(false, now + n), null);
    assert.equal(breaker.record(false, now + 29_999), null);
    assert.equal(breaker.record(false, now + 30_000), 'opened');
  });
  it('begins to count anew after a success', () => {
    const breaker = new Breaker(settings, false);
    for (let n = 0; n < 9; n += 1) breaker.record(false, now + n * 10_000);
    assert.equal(breaker.record(true, now + 90_000), null);
    assert.equal(breaker.record(false, now + 100_000), null);
    assert.ok(!breaker.isOpen);
  });
  it('lets one probe through every half minute, and closes at the first success', () => {
    const breaker = new Breaker(settings, true);
    assert.equal(breaker.admit(5, now), 1);
    assert.equal(breaker.admit(5, now + 29_999), 0);
    assert.equal(breaker.nextProbeAt, now + 30_000);
    assert.equal(breaker.admit(5, now + 30_000), 1);
    assert.equal(breaker.record(true, now + 30_100), 'closed');
    assert.equal(breaker.admit(5, now + 30_100), 5);
  });
});
