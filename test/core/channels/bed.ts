// What the tests of channels over a real store share: an account, somebody at work for it, and what was said to have been added.
import type { TestContext } from 'node:test';
import type { Channel } from '../../../src/domain/channel.ts';
import { findChannel } from '../../../src/core/channels/ownership.ts';
import { connectChannel } from '../../../src/core/channels/channels.ts';
import type { NewChannel } from '../../../src/store/channels/port.ts';
import { openTestStore } from '../../support/store.ts';

export const whatsapp = {
  id: 'shop',
  type: 'whatsapp',
  name: 'Shop',
  wabaId: '102290129340398',
  credentials: { appSecret: 'a-secret', verifyToken: 'a-verify', accessToken: 'an-access' },
} as const satisfies NewChannel;

export async function open(t: TestContext) {
  const opened = await openTestStore();
  t.after(() => opened.close());
  const { store, clock, accountId } = opened;
  const added: string[] = [];
  const deps = {
    store,
    now: clock.now,
    onRouteAdded: (type: string, { by, id }: { by: string; id: string }) => added.push(`${type} ${by} ${id}`),
    checkUrl: async (url: string) => (url.includes('inside') ? 'The address points inside.' : null),
    findHostWithoutAddress: async (url: string) => (url.includes('unmade') ? new URL(url).host : null),
  };
  const owner = { accountId, actor: { kind: 'user', id: 'anna' } } as const;
  const find = (id: string): Promise<Channel> => findChannel(store, accountId, id);
  const connect = async (given: NewChannel): Promise<Channel> =>
    (await connectChannel(deps, owner, given)).channel;
  return { deps, store, accountId, owner, added, find, connect };
}
