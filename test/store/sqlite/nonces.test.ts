import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { createClock } from '../../support/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/adapter.ts';

it('what was used before a restart is known to the first requests after it, all of it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'chasqui-nonces-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const clock = createClock();
  const open = () =>
    openSqliteStore({
      file: join(folder, 'chasqui.sqlite'),
      masterKey: Buffer.alloc(32, 7),
      ...clock,
      emit: () => undefined,
    });
  const before = await open();
  // More than are read in one turn at the start, many of one millisecond.
  const nonces = Array.from({ length: 12_000 }, (_, n) => `n${n}`);
  for (const [n, nonce] of nonces.entries()) {
    if (n % 1000 === 0) clock.advance(1);
    void before.useNonce('k', nonce, clock.now());
  }
  await before.keepNonces();
  await before.close();

  const after = await open();
  const results = await Promise.all(
    [...nonces, 'new'].map((nonce) => after.useNonce('k', nonce, clock.now())),
  );
  assert.deepEqual(new Set(results.slice(0, -1)), new Set([false]));
  assert.equal(results.at(-1), true);
  assert.equal(await after.useNonce('other', 'n0', clock.now()), true);
  await after.close();
});
