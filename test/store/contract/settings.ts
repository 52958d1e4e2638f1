import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Signal } from '../../../src/store/store.ts';
import { minute, withStore } from './fixture.ts';
import type { OpenStore } from './fixture.ts';

const actor = { kind: 'user', id: 'ana' } as const;

export function settingContract(open: OpenStore): void {
  test(
    'setSetting: a setting is kept with who set it and when, told of, journalled, and let go of once',
    withStore(open, async ({ store, accountId, clock }) => {
      const heard: Signal['kind'][] = [];
      const unwatch = store.watch(({ kind }) => heard.push(kind));
      assert.deepEqual(await store.listSettings(), []);
      const set = (key: string, value: string | null, initial: string) =>
        store.setSetting(accountId, { key, value, initial }, actor);
      await set('uploadDays', '30', '7');
      clock.advance(minute);
      await set('uploadDays', '40', '7');
      await set('logLevel', 'debug', 'info');
      const by = { setAt: clock.now(), setBy: 'user/ana' };
      assert.deepEqual(await store.listSettings(), [
        { key: 'logLevel', value: 'debug', ...by },
        { key: 'uploadDays', value: '40', ...by },
      ]);
      assert.equal(await set('uploadDays', null, '7'), true);
      assert.equal(await set('uploadDays', null, '7'), false);
      assert.deepEqual(
        (await store.listSettings()).map(({ key }) => key),
        ['logLevel'],
      );
      const { items } = await store.listChanges(accountId, { limit: 4 });
      assert.deepEqual(
        items.map(({ action, subject, detail }) => [action, subject, detail]),
        [
          ['setting.unset', 'setting/uploadDays', { from: '40', to: '7' }],
          ['setting.set', 'setting/logLevel', { from: 'info', to: 'debug' }],
          ['setting.set', 'setting/uploadDays', { from: '30', to: '40' }],
          ['setting.set', 'setting/uploadDays', { from: '7', to: '30' }],
        ],
      );
      assert.equal(heard.filter((kind) => kind === 'settings').length, 4);
      unwatch();
    }),
  );

  test(
    'setSetting: of those who set one at once, each tells what the one before it left',
    withStore(open, async ({ store, accountId }) => {
      const values = ['1', '2', '3', '4'];
      await Promise.all(
        values.map((value) =>
          store.setSetting(accountId, { key: 'sessionHours', value, initial: '0' }, actor),
        ),
      );
      const { items } = await store.listChanges(accountId, { limit: 4 });
      assert.deepEqual(
        items.map(({ detail }) => detail['from']).sort(),
        [
          '0',
          ...items.map(({ detail }) => detail['to']).filter((to) => to !== items[0]?.detail['to']),
        ].sort(),
      );
    }),
  );
}
