import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Gatherer } from '../../../src/channels/kit/gatherer.ts';
import type { JsonObject } from '../../../src/channels/kit/json.ts';
import { Reader } from '../../../src/channels/kit/reader.ts';
import type { ChannelEvent } from '../../../src/domain/receipt.ts';

/** What is left of an object once it was read. */
function leave(object: JsonObject, read: (reader: Reader) => unknown): unknown {
  const reader = new Reader(object);
  read(reader);
  return reader.rest();
}

describe('a reader', () => {
  const cases: readonly (readonly [string, JsonObject, (reader: Reader) => unknown, unknown])[] = [
    ['nothing of what was taken', { a: 'x', b: 1 }, (r) => [r.text('a'), r.text('b')], undefined],
    ['what nobody asked for', { a: 'x', b: [1] }, (r) => r.text('a'), { b: [1] }],
    ['a text that is none', { a: { b: 1 } }, (r) => r.text('a'), { a: { b: 1 } }],
    ['a time that is none', { a: 'soon' }, (r) => r.time('a'), { a: 'soon' }],
    ['a truth value that is none', { a: 'true' }, (r) => r.flag('a'), { a: 'true' }],
    ['an object that is none', { a: 'x' }, (r) => r.object('a'), { a: 'x' }],
    [
      'a list that is none',
      { a: 'x' },
      (r) => [r.list('a'), r.apart('a'), r.texts('a'), r.items('a')],
      { a: 'x' },
    ],
    [
      'no null and no empty text that it was asked for',
      { a: null, b: '' },
      (r) => [r.text('a'), r.time('b')],
      undefined,
    ],
    ['null and empty texts that nobody asked for', { a: null, b: '' }, () => 0, { a: null, b: '' }],
    [
      'the place of what is left inside',
      { a: { b: 'x', c: 'y' } },
      (r) => r.object('a')?.text('b'),
      { a: { c: 'y' } },
    ],
    ['nothing of an object read to its end', { a: { b: 'x' } }, (r) => r.object('a')?.text('b'), undefined],
    [
      'an object that was looked into and not read',
      { a: { b: 'x' } },
      (r) => r.object('a'),
      { a: { b: 'x' } },
    ],
    [
      'places in lists',
      { a: [{ b: 'x' }, { b: 'y', c: 1 }, 'z'] },
      (r) => r.list('a').map((item) => item.text('b')),
      { a: [null, { c: 1 }, 'z'] },
    ],
    ['texts of a list that are none', { a: ['x', { b: 1 }] }, (r) => r.texts('a'), { a: [null, { b: 1 }] }],
    ['what is no object of a list apart', { a: [{ b: 1 }, 7] }, (r) => r.apart('a'), { a: [null, 7] }],
    ['nothing after all others were taken', { a: 'x', b: 1 }, (r) => [r.text('a'), r.others()], undefined],
    ['no member of the same name as one of every object', {}, (r) => r.object('constructor'), undefined],
    [
      'what differs from what is told',
      { a: 'x', b: 'y' },
      (r) => [r.skipSame('a', 'x'), r.skipSame('b', 'x')],
      { b: 'y' },
    ],
    ['scalars that are none', { a: 1, b: [2] }, (r) => r.scalars('a', 'b'), { b: [2] }],
  ];
  for (const [name, object, read, left] of cases)
    it(`leaves ${name}`, () => assert.deepEqual(leave(object, read), left));

  // A look through a list for each of so many would take minutes.
  it('goes once through a great many members', { timeout: 30_000 }, () => {
    const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, n) => [`k${n}`, n]));
    const reader = new Reader(many);
    assert.equal(Object.keys(reader.others()).length, 300_000);
    assert.equal(reader.rest(), undefined);
  });

  it('leaves of the others what the caller has a member of its own for', () => {
    const reader = new Reader({ a: 1, type: 'x', b: 2 });
    assert.deepEqual({ ...reader.others('type'), type: 'own' }, { a: 1, b: 2, type: 'own' });
    assert.deepEqual(reader.rest(), { type: 'x' });
  });

  it('hands others out without what it has been asked for', () => {
    const reader = new Reader({ a: 'x', b: { c: 1 }, d: 2 });
    reader.text('a');
    reader.object('b');
    assert.deepEqual(reader.others(), { d: 2 });
  });
});

describe('a gatherer', () => {
  const event: ChannelEvent = {
    index: 0,
    route: { by: 'sender', id: '1' },
    identity: ['mo', '1'],
    occurredAt: 0,
    facts: { type: 'ChatAppInbound', messageId: '1', kind: 'text', user: { id: '2' } },
  };

  it('lets what is left of an event and around it travel along', () => {
    const gatherer = new Gatherer();
    const outer = new Reader({ id: 'w', new: 1 });
    outer.text('id');
    gatherer.around('entry', outer, () =>
      gatherer.add({ id: '1', other: [2] }, 'event', (reader) => {
        reader.text('id');
        const contact = new Reader({ wa_id: '2', colour: 'blue' });
        contact.text('wa_id');
        reader.join(contact);
        return event;
      }),
    );
    assert.deepEqual(gatherer.events[0]?.extra, {
      event: { other: [2] },
      contact: { colour: 'blue' },
      envelope: { entry: { new: 1 } },
    });
    assert.deepEqual(gatherer.remarks, []);
  });

  it('lets what is large travel with one event alone', () => {
    const gatherer = new Gatherer();
    gatherer.around('entry', new Reader({ new: 'x'.repeat(2000) }), () => {
      gatherer.add({}, 'event', () => event);
      gatherer.add({}, 'event', () => event);
    });
    assert.deepEqual(
      gatherer.events.map(({ extra }) => extra === undefined),
      [false, true],
    );
  });

  it('lets what is left travel with each status of an event', () => {
    const status: ChannelEvent = {
      ...event,
      facts: { type: 'ChatAppStatus', messageId: '1', status: 'delivered', user: { id: '2' } },
    };
    const gatherer = new Gatherer();
    gatherer.add({ new: 1 }, 'event', () => ({ events: [status, status] }));
    assert.deepEqual(
      gatherer.events.map(({ extra }) => extra),
      [{ event: { new: 1 } }, { event: { new: 1 } }],
    );
  });

  it('adds nothing where all was taken', () => {
    const gatherer = new Gatherer();
    gatherer.around('entry', new Reader({}), () => gatherer.add({}, 'event', () => event));
    assert.deepEqual(gatherer.events, [event]);
  });

  it('remarks on what is left where there is no receipt', () => {
    const gatherer = new Gatherer();
    gatherer.around('entry', new Reader({ new: 1 }), () =>
      gatherer.add({ read: { device: 'x' } }, 'event', (event) => {
        event.object('read');
        return { events: [], marks: [] };
      }),
    );
    gatherer.around('entry', new Reader({ new: 1 }), () => undefined);
    assert.deepEqual(
      gatherer.remarks.map(({ reason, detail }) => `${reason} ${detail}`),
      ['unknown_field event read.device', 'unknown_field entry new'],
    );
  });
});
