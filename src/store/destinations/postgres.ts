import { randomBytes } from 'node:crypto';
import type { AccountId, Actor } from '../../domain/account.ts';
import type {
  Destination,
  DestinationPause,
  DestinationSecret,
  DestinationSettings,
  DestinationState,
  StateReason,
} from '../../domain/delivery.ts';
import { reasoned } from '../../domain/findings.ts';
import type { Expected } from '../../domain/version.ts';
import { requireExpected, versionOfDestination } from '../../domain/version.ts';
import { selectDestination, toDestination, toReasonColumns, toStopped, withOtherUrl } from './rows.ts';
import type { DestinationRow, NamingRow } from './rows.ts';
import type { Seal } from '../seal.ts';
import type { DestinationViews, Destinations } from '../store.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';
import type { Recorder } from '../journal/postgres.ts';

/** Makes the destination of a URL, unless the account has it. */
const insertDestination = `INSERT INTO destination (account_id, url, settings, state, state_reason, state_since, secrets, created_at)
  VALUES ($1, $2, $3, 'active', '', $4, $5, $4) ON CONFLICT (account_id, url) DO NOTHING RETURNING id`;

/** Nobody else changes the destination until the commit. */
const lockDestination = 'SELECT * FROM destination WHERE account_id = $1 AND id = $2 FOR UPDATE';

const updateState = `UPDATE destination SET state = $1, state_reason = $2, state_reason_code = $3, state_reason_params = $4, state_since = $5
  WHERE account_id = $6 AND id = $7`;

/** Closes a breaker that is open. */
const closeOpened = `UPDATE destination SET state = 'active', state_reason = $1, state_reason_code = $2, state_reason_params = $3, state_since = $4
  WHERE account_id = $5 AND id = $6 AND state = 'opened'`;

/** Notes a pause in the place of the one before, of a destination that is there. */
const putPause = `INSERT INTO destination_pause (account_id, destination_id, until, status, asked_ms)
  SELECT account_id, id, $3, $4, $5 FROM destination WHERE account_id = $1 AND id = $2
  ON CONFLICT (account_id, destination_id) DO UPDATE SET until = excluded.until, status = excluded.status, asked_ms = excluded.asked_ms`;

const endPause = 'DELETE FROM destination_pause WHERE account_id = $1 AND destination_id = $2';

/** The longest pauses that are not over. */
const longestPauses = `SELECT account_id, destination_id, until FROM destination_pause
  WHERE until > $1 ORDER BY until DESC LIMIT $2`;

/** Webhooks of all senders of an account, then of all its channels; nobody else changes them until the commit. */
const lockWebhooks = [
  'SELECT channel_id, id, webhook FROM sender WHERE account_id = $1 FOR UPDATE',
  'SELECT id AS channel_id, NULL::text AS id, webhook FROM channel WHERE account_id = $1 FOR UPDATE',
];

const setWebhook = 'SET webhook = $1, updated_at = greatest($2, updated_at + 1)';
const updateChannelWebhook = `UPDATE channel ${setWebhook} WHERE account_id = $3 AND id = $4`;
const updateSenderWebhook = `UPDATE sender ${setWebhook} WHERE account_id = $3 AND channel_id = $4 AND id = $5`;

/** Whether deliveries to a destination are not over: what waits first, by the index that claims walk; then any that stands still. */
const anyOpen = ['= 0', '<= 1'].map(
  (state) =>
    `SELECT id FROM delivery WHERE account_id = $1 AND destination_id = $2 AND state ${state} LIMIT 1`,
);

/** What is left of a destination that is removed: its URL, for those who read of what went there. */
const insertRemoved =
  'INSERT INTO removed_destination (account_id, id, url, removed_at) VALUES ($1, $2, $3, $4)';

/** What is done with the tables of destinations. */
export class DestinationTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
  }

  /** Makes the destination of a URL, with a signing secret of its own, unless the account has it already. */
  async ensure(
    tx: Transaction,
    accountId: AccountId,
    url: string,
    settings: DestinationSettings,
    actor: Actor,
  ): Promise<void> {
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const sealed = this.#sealSecrets([{ secret, expiresAt: null }]);
    const values = [accountId, url, JSON.stringify(settings), this.#db.now(), sealed];
    const made = await tx.get<{ id: number }>(insertDestination, values);
    if (made !== undefined)
      await this.#recordChange(tx, accountId, actor, 'destination.created', `destination/${made.id}`, {
        url,
      });
  }

  async find(accountId: AccountId, destinationId: number): Promise<Destination | undefined> {
    const sql = `${selectDestination} WHERE t.account_id = $1 AND t.id = $2`;
    const row = await this.#db.get<DestinationRow>(sql, [accountId, destinationId]);
    return row && this.#read(row);
  }

  async findByUrl(accountId: AccountId, url: string): Promise<Destination | undefined> {
    const sql = `${selectDestination} WHERE t.account_id = $1 AND t.url = $2`;
    const row = await this.#db.get<DestinationRow>(sql, [accountId, url]);
    return row && this.#read(row);
  }

  async list(accountId: AccountId): Promise<Destination[]> {
    const sql = `${selectDestination} WHERE t.account_id = $1 ORDER BY t.id`;
    return (await this.#db.all<DestinationRow>(sql, [accountId])).map((row) => this.#read(row));
  }

  async setSettings(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    settings: DestinationSettings,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    await this.#requireVersion(tx, accountId, destinationId, expected);
    const sql = 'UPDATE destination SET settings = $1 WHERE account_id = $2 AND id = $3';
    if ((await tx.run(sql, [JSON.stringify(settings), accountId, destinationId])) === 0) return false;
    const subject = `destination/${destinationId}`;
    await this.#recordChange(tx, accountId, actor, 'destination.set', subject, { ...settings });
    tellChange(tx, accountId, destinationId);
    return true;
  }

  async setState(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    state: DestinationState,
    reason: StateReason,
    actor: Actor,
    expected?: Expected,
  ): Promise<boolean> {
    await this.#requireVersion(tx, accountId, destinationId, expected);
    const values = [state, ...toReasonColumns(reason), this.#db.now(), accountId, destinationId];
    if ((await tx.run(updateState, values)) === 0) return false;
    if (state !== 'opened') await tx.run(endPause, [accountId, destinationId]);
    const subject = `destination/${destinationId}`;
    await this.#recordChange(tx, accountId, actor, `destination.${state}`, subject, { reason: reason.text });
    tellChange(tx, accountId, destinationId);
    return true;
  }

  async setPause(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    { until, status, askedMs }: DestinationPause,
  ): Promise<void> {
    await tx.run(putPause, [accountId, destinationId, until, status, askedMs]);
  }

  async listPauses(now: number, limit: number): ReturnType<DestinationViews['listPauses']> {
    const rows = await this.#db.all<{ account_id: number; destination_id: number; until: number }>(
      longestPauses,
      [now, limit],
    );
    return rows.map((row) => ({
      accountId: row.account_id,
      destinationId: row.destination_id,
      until: row.until,
    }));
  }

  async change(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    change: { readonly name?: string; readonly url?: string },
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'taken'> {
    await this.#requireVersion(tx, accountId, destinationId, expected);
    const known = await tx.get<DestinationRow>(lockDestination, [accountId, destinationId]);
    if (known === undefined) return 'missing';
    const { name = known.name, url = known.url } = change;
    if (url !== known.url && (await this.#giveUrl(tx, known, url)) === 'taken') return 'taken';
    const sql = 'UPDATE destination SET name = $1 WHERE account_id = $2 AND id = $3';
    await tx.run(sql, [name, accountId, destinationId]);
    const subject = `destination/${destinationId}`;
    await this.#recordChange(tx, accountId, actor, 'destination.set', subject, { ...change });
    tellChange(tx, accountId, destinationId);
    return 'done';
  }

  async remove(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    actor: Actor,
    expected?: Expected,
  ): Promise<'done' | 'missing' | 'in_use' | 'busy'> {
    await this.#requireVersion(tx, accountId, destinationId, expected);
    const key = [accountId, destinationId];
    const known = await tx.get<DestinationRow>(lockDestination, key);
    if (known === undefined) return 'missing';
    if ((await findNaming(tx, accountId, known.url, '')).length > 0) return 'in_use';
    for (const sql of anyOpen) if ((await tx.get(sql, key)) !== undefined) return 'busy';
    await tx.run(insertRemoved, [...key, known.url, this.#db.now()]);
    await tx.run('DELETE FROM destination WHERE account_id = $1 AND id = $2', key);
    await tx.run(endPause, key);
    await tx.run('DELETE FROM destination_hold WHERE account_id = $1 AND destination_id = $2', key);
    const subject = `destination/${destinationId}`;
    await this.#recordChange(tx, accountId, actor, 'destination.removed', subject, { url: known.url });
    tx.signal({ kind: 'directory', accountId });
    return 'done';
  }

  async setSecrets(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    secrets: readonly DestinationSecret[],
    actor: Actor,
  ): Promise<boolean> {
    const sql = 'UPDATE destination SET secrets = $1 WHERE account_id = $2 AND id = $3';
    if ((await tx.run(sql, [this.#sealSecrets(secrets), accountId, destinationId])) === 0) return false;
    const subject = `destination/${destinationId}`;
    const detail = { valid: secrets.length };
    await this.#recordChange(tx, accountId, actor, 'destination.secret_rotated', subject, detail);
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  #read(row: DestinationRow): Destination {
    return this.#db.rows.readOne(
      'destination',
      row,
      () => toDestination(row, this.#seal),
      () => toStopped(row, this.#seal),
    );
  }

  #sealSecrets(secrets: readonly DestinationSecret[]): Uint8Array {
    return this.#seal.seal(JSON.stringify(secrets));
  }

  async #requireVersion(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    expected?: Expected,
  ): Promise<void> {
    if (expected === undefined) return;
    const row = await tx.get<DestinationRow>(lockDestination, [accountId, destinationId]);
    if (row !== undefined) requireExpected(expected, versionOfDestination(this.#read(row)));
  }

  /** Gives a destination another URL: a pause and an open breaker end with the old one, and settings that name that name the new one. */
  async #giveUrl(tx: Transaction, known: DestinationRow, url: string): Promise<'done' | 'taken'> {
    const { account_id: accountId, id } = known;
    const other = 'SELECT id FROM destination WHERE account_id = $1 AND url = $2';
    if ((await tx.get(other, [accountId, url])) !== undefined) return 'taken';
    await tx.run('UPDATE destination SET url = $1 WHERE account_id = $2 AND id = $3', [url, accountId, id]);
    await tx.run(endPause, [accountId, id]);
    const reason = toReasonColumns(reasoned('other_url', {}));
    await tx.run(closeOpened, [...reason, this.#db.now(), accountId, id]);
    for (const row of await findNaming(tx, accountId, known.url, url)) {
      const values = [row.webhook, this.#db.now(), accountId, row.channel_id];
      if (row.id === null) await tx.run(updateChannelWebhook, values);
      else await tx.run(updateSenderWebhook, [...values, row.id]);
    }
    return 'done';
  }
}

export function destinationVerbs(db: Connection, destinations: DestinationTables): Destinations {
  return {
    findDestination: (accountId, destinationId) => destinations.find(accountId, destinationId),
    findDestinationByUrl: (accountId, url) => destinations.findByUrl(accountId, url),
    listDestinations: (accountId) => destinations.list(accountId),
    setDestinationSettings: (accountId, destinationId, settings, actor, expected) =>
      db.tx((tx) => destinations.setSettings(tx, accountId, destinationId, settings, actor, expected)),
    setDestinationState: (accountId, destinationId, state, reason, actor, expected) =>
      db.tx((tx) => destinations.setState(tx, accountId, destinationId, state, reason, actor, expected)),
    setDestinationPause: (accountId, destinationId, pause) =>
      db.tx((tx) => destinations.setPause(tx, accountId, destinationId, pause)),
    listPauses: (now, limit) => destinations.listPauses(now, limit),
    changeDestination: (accountId, destinationId, change, actor, expected) =>
      db.tx((tx) => destinations.change(tx, accountId, destinationId, change, actor, expected)),
    removeDestination: (accountId, destinationId, actor, expected) =>
      db.tx((tx) => destinations.remove(tx, accountId, destinationId, actor, expected)),
    setDestinationSecrets: (accountId, destinationId, secrets, actor) =>
      db.tx((tx) => destinations.setSecrets(tx, accountId, destinationId, secrets, actor)),
  };
}

/** Settings of an account that name a URL, held until the commit, with another one in its place. */
async function findNaming(
  tx: Queries,
  accountId: AccountId,
  url: string,
  other: string,
): Promise<readonly NamingRow[]> {
  const found: NamingRow[] = [];
  for (const sql of lockWebhooks)
    for (const row of await tx.all<NamingRow & Record<string, unknown>>(sql, [accountId])) {
      const webhook = withOtherUrl(row.webhook, url, other);
      if (webhook !== undefined) found.push({ ...row, webhook });
    }
  return found;
}

/** Says that a destination is another by now: what is known of it, and what waits for it, is looked at anew. */
function tellChange(tx: Transaction, accountId: AccountId, destinationId: number): void {
  tx.signal({ kind: 'directory', accountId });
  tx.signal({ kind: 'deliveries', accountId, destinationId });
}
