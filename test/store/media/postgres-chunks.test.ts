import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, it } from 'node:test';
import { openPostgresStore } from '../../../src/store/postgres/adapter.ts';
import { openPostgres } from '../../support/postgres.ts';
import type { Postgres } from '../../support/postgres.ts';
import { machineTime } from '../../../src/runtime/clock.ts';

let postgres: Postgres;

before(async () => {
  postgres = await openPostgres({ durable: false });
});
after(() => postgres.close());

async function* pieces(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

it('a piece whose commit lost to another transaction is written again, as it was', async () => {
  const url = await postgres.createDatabase();
  const options = { masterKey: Buffer.alloc(32, 7), machine: machineTime, emit: () => undefined };
  const { store, media } = await openPostgresStore({ url, ...options });
  try {
    // Every other commit fails as one does that has to be run again; what was counted is not taken back.
    await postgres.query(
      `CREATE SEQUENCE commits;
       CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF nextval('commits') % 2 = 1 THEN RAISE EXCEPTION USING ERRCODE = '40001'; END IF;
         RETURN NULL;
       END $$;
       CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON media_chunk DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION lose()`,
      new URL(url).pathname.slice(1),
    );
    const key = { accountId: 1, id: 'a'.repeat(32) };
    const body = randomBytes(600_000);
    const written = await media.write(key, pieces(body.subarray(0, 7), body.subarray(7)));
    assert.deepEqual(written, {
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
    const found = await media.read(key);
    assert.ok(found);
    const read: Buffer[] = [];
    for await (const chunk of found.stream) read.push(chunk as Buffer);
    assert.ok(Buffer.concat(read).equals(body));
  } finally {
    await store.close();
  }
});
