import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { preflight } from '../../../src/core/deliveries/preflight.ts';
import { generateSecret } from '../../../src/core/deliveries/signature.ts';
import { inWords, toDestinationSettings } from '../../../src/domain/delivery.ts';
import { openReceiver } from '../../support/receiver.ts';
import type { ReceivedCall } from '../../support/receiver.ts';
import { openLocalClient } from '../../support/client.ts';
import { monotonicNow } from '../../../src/runtime/clock.ts';

const client = openLocalClient({ egressAllow: ['127.0.0.1'] });
after(() => client.close());
const secret = generateSecret();

/** What a careful receiver looks at, by the documents alone. */
function isGenuine({ headers, body }: ReceivedCall): boolean {
  const timestamp = String(headers['webhook-timestamp']);
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const signed = `${String(headers['webhook-id'])}.${timestamp}.${body}`;
  const key = Buffer.from(secret.slice(6), 'base64');
  const expected = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = Buffer.from(String(headers['webhook-signature']));
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}

type Reply = { status: number; headers?: Record<string, string>; body?: string };

async function gradeOf(reply: (call: ReceivedCall, count: number) => Reply) {
  let count = 0;
  const receiver = await openReceiver((call, response) => {
    count += 1;
    const { status, headers = {}, body = '' } = reply(call, count);
    response.writeHead(status, headers);
    response.end(body);
  });
  try {
    const result = await preflight(
      { client, now: Date.now, monotonic: monotonicNow },
      {
        accountId: 1,
        id: 7,
        name: '',
        url: `${receiver.url}/callback`,
        settings: toDestinationSettings('standard'),
        state: 'active',
        stateReason: inWords(''),
        stateSince: 0,
        pause: null,
        secrets: [{ secret, expiresAt: null }],
        createdAt: 0,
      },
    );
    const wrong = result.checks.filter((check) => check.result !== 'ok' && check.name !== 'latency');
    return { ...result, wrong: wrong.map((check) => `${check.name} ${check.result}`), calls: receiver.calls };
  } finally {
    await receiver.close();
  }
}

const ok = { status: 200 };
const no = { status: 401 };

describe('a preflight', () => {
  it('has nothing but the missing TLS to say of a careful endpoint', async () => {
    const { grade, wrong, calls } = await gradeOf((call) => (isGenuine(call) ? ok : no));
    assert.equal(grade, 'B');
    assert.deepEqual(wrong, ['tls warning']);
    assert.ok(calls.every(({ headers }) => headers['chasqui-test'] === 'true'));
    const ids = calls.map(({ headers }) => headers['webhook-id']);
    assert.equal(new Set(ids).size, ids.length - 1, 'one id comes twice');
  });

  it('fails an endpoint that verifies nothing', async () => {
    const { grade, wrong } = await gradeOf(() => ok);
    assert.equal(grade, 'C');
    assert.deepEqual(wrong, ['tls warning', 'signature failed', 'timestamp warning']);
  });

  it('fails one that refuses what it had before', async () => {
    const seen = new Set<string>();
    const { grade, wrong } = await gradeOf((call) => {
      if (!isGenuine(call)) return no;
      const id = String(call.headers['webhook-id']);
      if (seen.has(id)) return { status: 409 };
      seen.add(id);
      return ok;
    });
    assert.equal(grade, 'C');
    assert.deepEqual(wrong, ['tls warning', 'repeat failed']);
  });

  it('ends at once at one that takes nothing', async () => {
    const { grade, wrong, calls } = await gradeOf(() => ({ status: 200, body: '{"code":1}' }));
    assert.equal(grade, 'F');
    assert.deepEqual(wrong, ['tls warning', 'reachable failed']);
    assert.equal(calls.length, 1);
  });

  it('looks at 429 and 410', async () => {
    const polite = await gradeOf((call, count) =>
      !isGenuine(call) ? no : count > 15 ? { status: 429, headers: { 'retry-after': '1' } } : ok,
    );
    assert.deepEqual(polite.wrong, ['tls warning']);
    const curt = await gradeOf((call, count) => (!isGenuine(call) ? no : count > 15 ? { status: 429 } : ok));
    assert.deepEqual(curt.wrong, ['tls warning', 'burst warning']);
    const vague = await gradeOf((call, count) =>
      !isGenuine(call) ? no : count > 15 ? { status: 429, headers: { 'retry-after': 'soon' } } : ok,
    );
    assert.deepEqual(vague.wrong, ['tls warning', 'burst warning'], 'a wait that cannot be read is none');
    const harsh = await gradeOf((call) => (isGenuine(call) ? ok : { status: 410 }));
    assert.deepEqual(harsh.wrong, ['tls warning', 'gone failed']);
  });

  it('fails one that refuses types it does not know, or breaks under a burst', async () => {
    const strict = await gradeOf((call) =>
      !isGenuine(call) ? no : call.body.includes('TOMORROW') ? { status: 422 } : ok,
    );
    assert.deepEqual(strict.wrong, ['tls warning', 'unknown failed']);
    const weak = await gradeOf((call, count) => (!isGenuine(call) ? no : count > 15 ? { status: 500 } : ok));
    assert.deepEqual(weak.wrong, ['tls warning', 'burst failed']);
    assert.equal(weak.grade, 'C');
  });
});
