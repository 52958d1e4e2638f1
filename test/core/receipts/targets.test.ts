// Whose the events of a webhook are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTargets } from '../../../src/core/receipts/targets.ts';
import { openHookApp } from '../../support/hooks.ts';

test('an event is of the sender that has its route, and of nobody when none has it', async (t) => {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  await hooks.addNumber('15550001111', '200000001');
  await hooks.addNumber('15550001112', '200000002');
  const channel = await hooks.directory.channel('wa');
  assert.ok(channel !== undefined);
  const [one, other, stranger] = ['200000001', '200000002', '200000009'].map((id) => ({
    route: { by: 'sender', id } as const,
  }));
  assert.ok(one !== undefined && other !== undefined && stranger !== undefined);
  const targets = await findTargets(hooks.recording, channel, [one, other, one], [stranger]);
  const senderOf = (event: typeof one) => targets.of(event).map(({ sender }) => sender?.id);
  // Asked for in turn: what was asked for last is no other's.
  for (const [event, ids] of [
    [one, ['15550001111']],
    [one, ['15550001111']],
    [other, ['15550001112']],
    [stranger, []],
    [one, ['15550001111']],
    [{ route: { ...other.route } }, ['15550001112']],
  ] as const)
    assert.deepEqual(senderOf(event), ids);
});

test('each route is looked up once, however many events name it', async (t) => {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  await hooks.addNumber('15550001111', '200000001');
  const channel = await hooks.directory.channel('wa');
  assert.ok(channel !== undefined);
  const asked: string[] = [];
  const directory = {
    channel: (id: string) => hooks.directory.channel(id),
    channelsByWaba: hooks.directory.channelsByWaba.bind(hooks.directory),
    sender: hooks.directory.sender.bind(hooks.directory),
    senderByRoute: (type: 'whatsapp', id: string) => {
      asked.push(id);
      return hooks.directory.senderByRoute(type, id);
    },
  };
  const toEvent = (id: string) => ({ route: { by: 'sender', id } as const });
  const events = ['200000001', '200000009', '200000001', '200000009'].map(toEvent);
  await findTargets({ directory }, channel, events);
  assert.deepEqual(asked, ['200000001', '200000009']);
});
