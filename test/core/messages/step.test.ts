import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toStep } from '../../../src/core/messages/step.ts';
import type { Sender } from '../../../src/domain/channel.ts';
import { ownFailureTable } from '../../../src/domain/message.ts';
import type { OutboundMessage } from '../../../src/domain/message.ts';

const now = 1_000_000;
const sender = {} as Sender;
const play = { body: Buffer.from('played'), nextInMs: 5 };

/** Of a message nothing else is looked at. */
const message = (members: Partial<OutboundMessage>): OutboundMessage =>
  ({ state: 'queued', step: 0, expiresAt: now + 1, envelope: {}, ...members }) as OutboundMessage;

const refusal = { code: 'unsupported', text: 'Not on this channel.' };
const refused = { envelope: { refusal } as OutboundMessage['envelope'] };

type Step = ReturnType<typeof toStep>;

interface Case {
  readonly of: Partial<OutboundMessage>;
  readonly lapsed?: boolean;
  readonly unknownThen?: 'fail' | 'resend';
  readonly plays?: boolean;
  readonly step: Step;
}

const toFail = (code: keyof typeof ownFailureTable): Step => ({
  kind: 'fail',
  code,
  text: ownFailureTable[code],
});

const cases: Readonly<Record<string, Case>> = {
  'that is due is sent': { of: {}, step: { kind: 'send' } },
  'that was refused when it was accepted fails with that reason': {
    of: refused,
    step: { kind: 'fail', ...refusal },
  },
  'whose time is over fails': { of: { expiresAt: now }, step: toFail('expired') },
  'that a process was sending when it died is in doubt': { of: {}, lapsed: true, step: { kind: 'doubt' } },
  'that a process was sending when it died is in doubt also when its time is over': {
    of: { expiresAt: now },
    lapsed: true,
    step: { kind: 'doubt' },
  },
  'that was taken has come to its end where nothing is played': {
    of: { state: 'accepted' },
    step: { kind: 'end' },
  },
  'that was taken is played on by a simulated channel': {
    of: { state: 'accepted' },
    plays: true,
    step: { kind: 'play', played: play },
  },
  'that is due is not played, not by a simulated channel either': {
    of: {},
    plays: true,
    step: { kind: 'send' },
  },
  'that stayed in doubt fails': { of: { state: 'unknown' }, step: toFail('unknown_outcome') },
  'that stayed in doubt is played on by a simulated channel': {
    of: { state: 'unknown' },
    plays: true,
    step: { kind: 'play', played: play },
  },
  'that stayed in doubt is sent again where that is set, even after a process died': {
    of: { state: 'unknown' },
    unknownThen: 'resend',
    lapsed: true,
    step: { kind: 'send' },
  },
  'that stayed in doubt and whose time is over fails where it would be sent again': {
    of: { state: 'unknown', expiresAt: now },
    unknownThen: 'resend',
    step: toFail('unknown_outcome'),
  },
};

for (const [what, { of, lapsed = false, unknownThen = 'fail', plays = false, step }] of Object.entries(cases))
  test(`a message ${what}`, () => {
    const connector = { play: () => (plays ? play : undefined) };
    const claimed = { message: message(of), lapsed };
    assert.deepEqual(toStep(claimed, { connector, sender }, { unknownThen, now }), step);
  });
