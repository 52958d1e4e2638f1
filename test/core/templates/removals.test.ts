// Deletions at channels over a real store, with a channel that is played here.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ChannelFault, Connector } from '../../../src/channels/channel.ts';
import { createRemovals } from '../../../src/core/templates/removals.ts';
import { system } from '../../../src/domain/account.ts';
import { openHookApp } from '../../support/hooks.ts';

const fresh = {
  language: 'en',
  type: 'WHATSAPP',
  category: 'UTILITY',
  components: [{ Type: 'BODY', Text: 'one' }],
  example: {},
  status: 'pass',
  reason: '',
  allowSend: true,
  categoryChangePaused: false,
  ttlSeconds: null,
  quality: 'UNKNOWN',
  parameterFormat: 'POSITIONAL',
  isEdited: false,
  offered: [],
  asked: null,
  reviewAt: null,
} as const;

it('a channel that does not answer holds up no other, and what fails there is tried again', async (t) => {
  const hooks = await openHookApp();
  t.after(() => hooks.close());
  const { store, directory, accountId, clock } = hooks;
  const other = { id: 'wa2', type: 'whatsapp', name: 'Other', wabaId: '100000000000002' } as const;
  await store.putChannel(accountId, { ...other, credentials: {} }, system);
  for (const [channelId, count] of [
    ['wa', 30],
    ['wa2', 3],
  ] as const)
    for (let n = 0; n < count; n += 1) {
      const code = `${channelId}_${n}`;
      await store.createTemplate(
        accountId,
        { ...fresh, channelId, code, name: code, vendorId: code },
        system,
      );
      await store.deleteTemplate(accountId, channelId, code, 'en', system);
    }
  const asked: string[] = [];
  const slow = Promise.withResolvers<ChannelFault | null>();
  const outcomes: string[] = [];
  const quick = Promise.withResolvers<void>();
  const whatsapp: Connector = {
    verify: () => false,
    parse: () => ({ events: [], remarks: [] }),
    deleteTemplate: async ({ id }, { name }) => {
      asked.push(name);
      return id === 'wa' ? slow.promise : null;
    },
  };
  const removals = createRemovals({
    store,
    directory,
    connectors: { whatsapp },
    emit: (name, fields) => {
      if (name !== 'template.removed') return;
      outcomes.push('outcome' in fields ? String(fields.outcome) : '');
      if (outcomes.length === 3) quick.resolve();
    },
    ...clock,
    raiseNotice: () => undefined,
  });
  removals.start();
  await quick.promise;
  assert.deepEqual(asked.toSorted(), ['wa2_0', 'wa2_1', 'wa2_2', asked[0]].toSorted());
  assert.match(asked[0] ?? '', /^wa_/);
  const stopped = removals.stop();
  slow.resolve({ fault: 'later', reason: 'busy' });
  await stopped;
  assert.deepEqual(outcomes, ['removed', 'removed', 'removed', 'retry']);
  const at = clock.now();
  assert.deepEqual(await store.listDueTemplateChannels('removal', accountId, at + 60_000, '', 9), ['wa']);
  const left = await store.claimRemovals({ accountId, channelId: 'wa' }, 99, at + 60_000, 1);
  assert.equal(left.length, 30);
});
