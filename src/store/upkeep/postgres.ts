import { GatewayError } from '../../domain/errors.ts';
import type { Upkeep } from '../store.ts';
import { agingVerbs } from '../aging/postgres.ts';
import type { Connection, Transaction } from '../postgres/connection.ts';
import { triggersOff } from '../postgres/session.ts';
import { Sweeps } from './postgres-sweeps.ts';

/** A queue, or an account, with more rows than this in its tally has them added up. */
const tallyRows = 20;
const tallyQueues = 100;

/** What taking in reads and writes; the trial of it has nobody to hand on to, and so does not touch all of them. */
const readTables = 'queue, destination';
const writtenTables = 'raw_event, receipt, message, queue_tally, content, delivery, outbound';

/** The triggers of the schema; another program's may stand beside them. */
export const triggers = [
  'fallback_armed',
  'fallback_followed',
  'fallback_swept',
  'queue_noted',
  'destination_noted',
  'media_tallied',
  'media_untallied',
  'upload_tallied',
];

/** Adds the rows of long tallies up, each queue's into one. */
const compact = `WITH many AS (SELECT account_id, queue_id FROM queue_tally GROUP BY account_id, queue_id HAVING count(*) > ${tallyRows} LIMIT ${tallyQueues}),
  gone AS (DELETE FROM queue_tally t USING many WHERE t.account_id = many.account_id AND t.queue_id = many.queue_id
    RETURNING t.account_id, t.queue_id, t.active, t.inactive, t.delayed)
  INSERT INTO queue_tally (account_id, queue_id, active, inactive, delayed)
    SELECT account_id, queue_id, sum(active), sum(inactive), sum(delayed) FROM gone GROUP BY account_id, queue_id`;

/** The same for the files of each account. */
const compactFiles = `WITH many AS (SELECT account_id FROM file_tally GROUP BY account_id HAVING count(*) > ${tallyRows} LIMIT ${tallyQueues}),
  gone AS (DELETE FROM file_tally t USING many WHERE t.account_id = many.account_id RETURNING t.account_id, t.bytes)
  INSERT INTO file_tally (account_id, bytes) SELECT account_id, sum(bytes) FROM gone GROUP BY account_id`;

/** Whether triggers are off for this session, and on which tables those of the schema are. */
const findSilenced = `SELECT current_setting('session_replication_role') = 'replica' AS is_replica,
    (SELECT string_agg(DISTINCT c.relname, ', ') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND t.tgname = ANY ($1::text[]) AND t.tgenabled NOT IN ('O', 'A')) AS tables`;

const tryCommit =
  "INSERT INTO meta (key, value) VALUES ('tried', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";

export function upkeepVerbs(db: Connection): Upkeep {
  const sweeps = new Sweeps(db);
  return {
    ...agingVerbs(db),
    probe: (isTimeSound = true) => probe(db, isTimeSound),
    sweep: (retention, now) =>
      db.tx(async (tx) => {
        const startedAt = db.monotonic();
        const rows = await sweeps.step(tx, retention, now);
        return { rows, heldMs: db.monotonic() - startedAt };
      }),
    watch: (listener) => db.signals.watch(listener),
    close: () => db.close(),
  };
}

/**
 * Adds the rows of long tallies up, so that counting a queue, or the files of an account, stays short; resolves to how many had one. Nodes
 * may do it at once.
 */
export function compactTallies(db: Connection): Promise<number> {
  return db.tx(async (tx) => (await tx.run(compact)) + (await tx.run(compactFiles)));
}

/** Finds out whether taking in would succeed, by doing what it does. */
async function probe(db: Connection, isTimeSound: boolean): Promise<void> {
  await db.tx(async (tx) => {
    await tx.run(`LOCK TABLE ${readTables} IN ACCESS SHARE MODE`);
    await tx.run(`LOCK TABLE ${writtenTables} IN ROW EXCLUSIVE MODE`);
    await assertTriggers(tx);
  });
  if (isTimeSound) await db.call('SELECT probe_intake($1)', [db.now()]);
  else await db.call(tryCommit, [Buffer.from(String(db.now()))]);
}

/** Throws `store_unavailable` while triggers do not run: what they would do is not made up for, and nothing else fails. */
async function assertTriggers(tx: Transaction): Promise<void> {
  const found = await tx.get<{ is_replica: boolean; tables: string | null }>(findSilenced, [triggers]);
  if (found?.is_replica === true) throw new GatewayError('store_unavailable', triggersOff);
  const tables = found?.tables ?? null;
  if (tables !== null)
    throw new GatewayError(
      'store_unavailable',
      `The database cannot be used: triggers are switched off on ${tables}. Switch them on by ALTER TABLE … ENABLE TRIGGER.`,
    );
}
