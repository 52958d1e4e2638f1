import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  versionOfChannel,
  versionOfDestination,
  versionOfKey,
  versionOfQueue,
  versionOfSender,
  versionOfTemplate,
  versionOfNoticeTarget,
  versionOfUser,
  versionOfWebhook,
} from '../../src/domain/version.ts';

type Members = Readonly<Record<string, unknown>>;

/** A thing, what of it makes another version, and what does not. */
const rows: readonly [string, (thing: never) => string, Members, Members, Members][] = [
  [
    'a channel',
    versionOfChannel,
    { name: 'a', credentials: { token: '1' } },
    { credentials: { token: '1', other: '2' } },
    { credentials: { token: 'new' } },
  ],
  ['a sender', versionOfSender, { name: 'a', webhook: 1 }, { name: 'b' }, { webhook: 2 }],
  [
    'webhook settings',
    versionOfWebhook,
    { name: 'a', webhook: { http: true } },
    { webhook: {} },
    { name: 'b' },
  ],
  ['a template', versionOfTemplate, { code: 't', status: 'pass' }, { status: 'fail' }, {}],
  ['a queue', versionOfQueue, { id: 1, attributes: {} }, { id: 2 }, { depth: 5 }],
  [
    'a destination',
    versionOfDestination,
    { id: 1, name: 'a' },
    { name: 'b' },
    { stateReason: 'r', secrets: [] },
  ],
  ['a key', versionOfKey, { id: 'k', role: 'read' }, { role: 'full' }, { usedAt: 9, secret: 's' }],
  [
    'a target of notices',
    versionOfNoticeTarget,
    { id: 'n', name: 'a' },
    { updatedAt: 2 },
    { secret: 's', url: 'https://a.example/', mail: [] },
  ],
  ['a user', versionOfUser, { id: 'u', password: 'h' }, { password: 'i' }, { signedInAt: 9 }],
];

describe('the version', () => {
  for (const [name, versionOf, thing, change, noise] of rows)
    it(`of ${name} is another one when what may be set changed, and only then`, () => {
      const of = (one: Members): string => versionOf(one as never);
      assert.match(of(thing), /^[A-Za-z0-9_-]{22}$/);
      assert.notEqual(of({ ...thing, ...change }), of(thing));
      assert.equal(of({ ...thing, ...noise }), of(thing));
      assert.equal(of(Object.fromEntries(Object.entries(thing).toReversed())), of(thing));
    });
});
