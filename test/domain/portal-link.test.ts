import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opensAccess, opensSender } from '../../src/domain/portal-link.ts';

test('a scope opens its senders, each with its channel, and no others', () => {
  const scope = { senders: [{ channelId: 'a', senderId: '1' }] };
  assert.ok(opensSender(scope, { channelId: 'a', senderId: '1' }));
  assert.ok(!opensSender(scope, { channelId: 'b', senderId: '1' }));
  assert.ok(!opensSender(scope, { channelId: 'a', senderId: '2' }));
  assert.ok(!opensSender({ senders: [] }, { channelId: '', senderId: '' }));
  assert.ok(opensSender({ senders: null }, { channelId: 'b', senderId: '2' }));
});

test('who may manage may look, and not the other way round', () => {
  assert.ok(opensAccess({ access: 'manage' }, 'read'));
  assert.ok(opensAccess({ access: 'manage' }, 'manage'));
  assert.ok(opensAccess({ access: 'read' }, 'read'));
  assert.ok(!opensAccess({ access: 'read' }, 'manage'));
});
