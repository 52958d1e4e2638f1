import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, minute, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const actor = { kind: 'user', id: 'ana' } as const;

export function portalLinkContract(open: OpenStore): void {
  test(
    'createPortalLink: a link comes back as it was made, in its account alone, so many at most, and is forgotten once it is old',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const link = (id: string) => ({
        ...{ accountId, id, name: 'Shop', colour: '#0b5cd6', access: 'manage' as const },
        ...{
          senders: [{ channelId: 'wa', senderId: '1' }],
          createdAt: clock.now(),
          expiresAt: clock.now() + minute,
        },
      });
      const bounds = { atMost: 2, forgetBefore: 0 };
      const first = link('a');
      assert.equal(await store.createPortalLink(first, bounds, actor), 'done');
      const kept = { ...first, createdBy: 'user/ana', revokedAt: null, usedAt: null };
      assert.deepEqual(await store.findPortalLink(accountId, 'a'), kept);
      assert.equal(await store.findPortalLink(otherId, 'a'), undefined);
      const made = await Promise.all(
        [link('b'), link('c')].map((one) => store.createPortalLink(one, bounds, actor)),
      );
      assert.deepEqual(made.toSorted(), ['done', 'full']);
      clock.advance(day);
      const later = { ...bounds, forgetBefore: clock.now() - minute };
      assert.equal(await store.createPortalLink(link('d'), later, actor), 'done');
      assert.deepEqual(
        (await store.listPortalLinks(accountId)).map(({ id }) => id),
        ['d'],
      );
      assert.deepEqual(await store.listPortalLinks(otherId), []);
    }),
  );

  test(
    'revokePortalLink: a link is revoked once, and everybody who remembers it hears of it',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const link = {
        ...{ accountId, id: 'a', name: 'Shop', colour: null, access: 'read' as const, senders: [] },
        ...{ createdAt: clock.now(), expiresAt: clock.now() + minute },
      };
      await store.createPortalLink(link, { atMost: 2, forgetBefore: 0 }, actor);
      let heard = 0;
      const unwatch = store.watch(({ kind }) => (heard += kind === 'directory' ? 1 : 0));
      assert.equal(await store.revokePortalLink(otherId, 'a', actor), false);
      assert.equal(await store.revokePortalLink(accountId, 'a', actor), true);
      assert.equal(await store.revokePortalLink(accountId, 'a', actor), false);
      assert.equal((await store.findPortalLink(accountId, 'a'))?.revokedAt, clock.now());
      assert.equal(heard, 1);
      unwatch();
      const { items } = await store.listChanges(accountId, { limit: 2 });
      assert.deepEqual(
        items.map(({ action }) => action),
        ['portal_link.revoked', 'portal_link.created'],
      );
    }),
  );

  test(
    'notePortalLinkUses: the last use of a link to all senders never moves back, and is noted in its own account alone',
    withStore(open, async ({ store, accountId, otherId, clock }) => {
      const at = clock.now();
      const link = {
        ...{ accountId, id: 'a', name: 'All', colour: null, access: 'read' as const, senders: null },
        ...{ createdAt: at, expiresAt: at + minute },
      };
      await store.createPortalLink(link, { atMost: 2, forgetBefore: 0 }, actor);
      assert.equal((await store.findPortalLink(accountId, 'a'))?.senders, null);
      await store.notePortalLinkUses([{ accountId, linkId: 'a', at }]);
      await store.notePortalLinkUses([
        { accountId, linkId: 'a', at: at - minute },
        { accountId: otherId, linkId: 'a', at: at + minute },
        { accountId, linkId: 'gone', at },
      ]);
      assert.equal((await store.findPortalLink(accountId, 'a'))?.usedAt, at);
    }),
  );
}
