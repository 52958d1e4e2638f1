import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { readMeaning } from '../../../src/channels/kit/graph-errors.ts';
import type { GraphError } from '../../../src/channels/kit/graph.ts';
import { messagingRows } from '../../../src/channels/messaging/errors.ts';
import { whatsappRows } from '../../../src/channels/whatsapp/errors.ts';
import type { FailureClass } from '../../../src/domain/message.ts';
import { toConsequence } from '../../../src/core/messages/consequence.ts';
import { channel, openGraphBed, sender, toOutgoing } from '../../support/graph.ts';
import type { GraphBed, Reply } from '../../support/graph.ts';

type Next = 'retry' | 'pause' | 'fail';

/** Every code that Meta documents for sending: its class, and what becomes of the message (docs/protocols/whatsapp.md). */
const codes: readonly (readonly [FailureClass, Next, readonly number[]])[] = [
  ['auth', 'pause', [0, 190, 102, 104, 3, 10, 200, 230, 299, 131005]],
  [
    'account',
    'pause',
    [
      5, 33, 368, 803, 133001, 133002, 133020, 131031, 131037, 131042, 131044, 131045, 136025, 133000, 133005,
      133006, 133008, 133009, 133010, 133015, 134011, 147001, 147002, 147003, 147004, 147005,
    ],
  ],
  [
    'throttle',
    'pause',
    [
      4, 9, 17, 32, 341, 613, 80000, 80001, 80002, 80003, 80004, 80005, 80006, 80007, 80008, 80009, 80010,
      80011, 80012, 80013, 80014, 130429, 131048, 131064, 133016, 132069, 471,
    ],
  ],
  ['throttle', 'retry', [131056]],
  ['transient', 'retry', [1, 2, 131000, 131016, 133004, 131057, 134100, 134101, 134102]],
  [
    'permanent',
    'fail',
    [
      100, 105, 110, 192, 194, 131001, 131002, 131006, 131043, 131008, 131009, 130403, 130472, 130497, 131020,
      131021, 131026, 131030, 131041, 131051, 131055, 131062, 131063, 131201, 131215, 506, 1609005, 135000,
      137000, 138000, 139000, 1026,
    ],
  ],
  ['window', 'fail', [131047, 470]],
  ['pacing', 'fail', [131049]],
  ['opt_out', 'fail', [131050]],
  ['media', 'retry', [131014, 131052, 131053]],
  [
    'template',
    'fail',
    [
      200002, 2388040, 2388293, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132018,
      132068, 132070, 132100,
    ],
  ],
];

let bed: GraphBed;
let reply: Reply = {};
before(async () => {
  bed = await openGraphBed(() => reply);
});
after(() => bed.close());

const text = toOutgoing({ content: { text: 'hi' } });
const sendText = () => bed.connector.send(channel, sender, text);

describe('an error code of the Cloud API', () => {
  for (const [failure, next, list] of codes) {
    for (const code of list) {
      it(`${code} is of class ${failure}: ${next}`, async () => {
        reply = { status: 400, body: { error: { message: `(#${code}) no`, code, fbtrace_id: 'A' } } };
        const outcome = await sendText();
        assert.ok(outcome.kind === 'refused');
        assert.equal(outcome.failure, failure);
        assert.equal(outcome.code, String(code), 'the receipt carries the code of the channel');
        assert.match(outcome.text, new RegExp(`#${code}`));
        const { kind } = toConsequence(failure, 1, outcome.retryAfterMs, 0.5, outcome.scope);
        assert.equal(kind, next);
      });
    }
  }

  it('of media is tried once more and then given up', () => {
    assert.equal(toConsequence('media', 2, undefined, 0.5).kind, 'fail');
  });

  it('of a pair makes its recipient wait longer each time, as Meta asks', () => {
    const waits = [1, 2, 3, 4].map((attempts) =>
      toConsequence('throttle', attempts, undefined, 0.5, 'recipient'),
    );
    assert.deepEqual(
      waits,
      [1, 4, 16, 64].map((seconds) => ({ kind: 'retry', waitMs: seconds * 1000 })),
    );
  });

  it('of a long pause waits at least as long as Meta wants', async () => {
    reply = { status: 400, body: { error: { message: 'spam', code: 131048 } } };
    const outcome = await sendText();
    assert.ok(outcome.kind === 'refused' && (outcome.retryAfterMs ?? 0) >= 15 * 60_000);
  });

  it('100 with subcode 33 means a wrong id in the settings, which is the sender’s', async () => {
    reply = {
      status: 400,
      body: { error: { message: 'Object does not exist', code: 100, error_subcode: 33 } },
    };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'account', code: '100' });
  });

  it('that is in no table is unrecognized, or unknown where it may have been taken', async () => {
    reply = { status: 400, body: { error: { message: 'new', code: 777001 } } };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'unrecognized', code: '777001' });
    reply = { status: 400, body: { error: { message: 'new', code: 777001, is_transient: true } } };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'transient' });
    reply = { status: 500, body: { error: { message: 'new', code: 777001 } } };
    assert.partialDeepStrictEqual(await sendText(), { kind: 'unknown', code: '777001' });
    reply = { status: 429, body: { error: { message: 'new', code: 777001 } } };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'throttle' });
  });

  it('waits until Meta names the time to regain access, also by a code that is in no table', async () => {
    const usage = { 501: [{ type: 'messenger', call_count: 100, estimated_time_to_regain_access: 7 }] };
    for (const code of [80006, 777002]) {
      reply = {
        status: 400,
        headers: { 'x-business-use-case-usage': JSON.stringify(usage) },
        body: { error: { message: 'too many calls', code } },
      };
      const waits = { failure: 'throttle', retryAfterMs: 7 * 60_000 };
      assert.partialDeepStrictEqual(await sendText(), waits, String(code));
    }
  });

  it('that is missing leaves the status to decide, and what is not understood is not final', async () => {
    reply = { status: 401, body: {} };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'auth', code: 'http_401' });
    reply = { status: 429, headers: { 'retry-after': '7' }, body: Buffer.from('slow down') };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'throttle', retryAfterMs: 7000 });
    reply = { status: 413, body: Buffer.from('too large') };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'permanent', code: 'http_413' });
    reply = { status: 404, body: Buffer.from('<html>nothing here') };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'unrecognized', code: 'http_404' });
    reply = { status: 502, body: Buffer.from('<html>bad gateway') };
    assert.equal((await sendText()).kind, 'unknown');
  });

  it('of a proof of the app secret that is missing or wrong stops the sender, and fails no message', async () => {
    const message = '(#100) API calls from the server require an appsecret_proof argument';
    reply = { status: 400, body: { error: { message, code: 100 } } };
    assert.partialDeepStrictEqual(await sendText(), { failure: 'auth', code: '100' });
  });

  it('that is no number is none, and not the code 0 that stops a sender', async () => {
    for (const code of [' ', '', 'x', '0x0', true, [], {}]) {
      reply = { status: 400, body: { error: { message: 'odd', code } } };
      const none = { failure: 'unrecognized', code: 'http_400' };
      assert.partialDeepStrictEqual(await sendText(), none, JSON.stringify(code));
    }
  });

  it('has its sender wait while there is no token at all', async () => {
    const { accessToken: _, ...credentials } = channel.credentials;
    const outcome = await bed.connector.send({ ...channel, credentials }, sender, text);
    assert.partialDeepStrictEqual(outcome, { failure: 'auth', code: 'no_token' });
  });
});

describe('the tables of Meta’s errors', () => {
  const error = (code: number, subcode: number | null): GraphError => ({
    status: 400,
    code,
    subcode,
    text: 'no',
    isTransient: false,
    retryAfterMs: undefined,
    traceId: '',
  });
  for (const [name, rows] of [
    ['WhatsApp', whatsappRows],
    ['Messenger and Instagram', messagingRows],
  ] as const) {
    it(`of ${name} name a source for each row`, () => {
      for (const row of rows) assert.match(row.source, /^[A-Z](, [A-Z])*$/);
    });

    it(`of ${name} leave every code that stands in none of their rows unrecognized`, () => {
      fc.assert(
        fc.property(fc.integer({ min: -10, max: 3_000_000 }), (code) => {
          const meaning = readMeaning(rows, error(code, null));
          assert.equal(meaning?.failure === 'unrecognized', !isListed(rows, code), String(code));
        }),
        { numRuns: 2000 },
      );
    });
  }
});

/** Whether a row takes the code without a subcode. */
function isListed(rows: typeof whatsappRows, code: number): boolean {
  return rows.some(
    ({ codes, subcodes }) =>
      (subcodes === undefined || subcodes.includes(0)) &&
      codes?.some((one) => (typeof one === 'number' ? one === code : code >= one[0] && code <= one[1])),
  );
}
