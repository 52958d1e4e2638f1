// Each of Meta's words for the state of a template means the same wherever it comes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ParsedWebhook } from '../../../src/channels/channel.ts';
import { readListed } from '../../../src/channels/kit/listed-templates.ts';
import { createMessengerConnector } from '../../../src/channels/messenger/connector.ts';
import { templateWords } from '../../../src/channels/kit/template-states.ts';
import { createWhatsappConnector } from '../../../src/channels/whatsapp/connector.ts';
import { channel } from '../../support/graph.ts';

const refuse = (): never => {
  throw new Error('Nothing is asked here.');
};
const deps = {
  client: { get: refuse, post: refuse, request: refuse },
  now: () => 0,
  monotonic: () => 0,
  random: () => 0,
  graphUrl: '',
  graphVersion: '',
  instagramUrl: '',
};
const whatsapp = createWhatsappConnector(deps);
const messenger = createMessengerConnector(deps);

const post = (object: string, field: string, value: object): Buffer =>
  Buffer.from(JSON.stringify({ object, entry: [{ id: '1', time: 1, changes: [{ field, value }] }] }));

/** Each place in which a word can stand. */
const places: Readonly<Record<string, (word: unknown) => ParsedWebhook>> = {
  'a webhook of WhatsApp': (word) =>
    whatsapp.parse(
      post('whatsapp_business_account', 'message_template_status_update', {
        event: word,
        message_template_id: 7,
      }),
      channel,
    ),
  'a webhook of Messenger': (word) =>
    messenger.parse(post('page', 'messenger_template_status_update', { status: word, id: '7' }), {
      ...channel,
      type: 'messenger',
    }),
  'a webhook of Messenger in the form of WhatsApp': (word) =>
    messenger.parse(
      post('page', 'messenger_template_status_update', { event: word, message_template_id: '7' }),
      { ...channel, type: 'messenger' },
    ),
};

const inList = (word: unknown) =>
  readListed(
    { id: '7', name: 'a', language: 'en', status: word as string, components: [] },
    { by: 'waba', id: '1' },
  );

const plain = new Set(['APPROVED', 'REJECTED', 'PENDING', 'PAUSED', 'DISABLED']);

describe('the state of a template', () => {
  for (const [place, parse] of Object.entries(places)) {
    it(`is told by ${place} as a list tells it, with Meta’s word where that says more`, () => {
      assert.equal(templateWords.length, 14);
      for (const word of [...templateWords, ...templateWords.map((one) => one.toLowerCase())]) {
        const { events, remarks } = parse(word);
        const [event] = events;
        assert.ok(event?.facts.type === 'ChatAppAudit' && remarks.length === 0, word);
        assert.equal(event.facts.auditStatus, inList(word)?.status, word);
        const told = JSON.stringify(event.extra?.event ?? {});
        assert.equal(told.includes(word), !plain.has(word.toUpperCase()), `${word}: ${told}`);
      }
    });

    it(`is none by a word of ${place} that nobody knows, which is remarked on`, () => {
      for (const word of ['SOMETHING_NEW', '', null, 7, 'constructor', '__proto__', 'PASS', 'APPROVED ']) {
        const { events, remarks } = parse(word);
        assert.deepEqual(events, [], String(word));
        assert.equal(remarks[0]?.reason, 'unknown_event', String(word));
      }
    });
  }

  it('is none by a word of a list that nobody knows, which is told', () => {
    for (const word of ['SOMETHING_NEW', 'constructor', 'PASS']) {
      const found = inList(word);
      assert.equal(found?.status, null);
      assert.deepEqual([found.word, found.unread], [word, [`status ${word}`]]);
    }
  });
});
