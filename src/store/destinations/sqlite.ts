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
import { toDestination, toReasonColumns, withOtherUrl } from './rows.ts';
import { destinationStatements } from './sqlite-statements.ts';
import type { Seal } from '../seal.ts';
import type { Destinations } from '../store.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';

/** What is done with the tables of destinations, each inside a transaction that the caller has. */
export class DestinationTables {
  readonly #db: Connection;
  readonly #seal: Seal;
  readonly #recordChange: Recorder;
  readonly #sql;

  constructor(db: Connection, seal: Seal, recordChange: Recorder) {
    this.#db = db;
    this.#seal = seal;
    this.#recordChange = recordChange;
    this.#sql = destinationStatements(db);
  }

  /** Makes the destination of a URL, with a signing secret of its own, unless the account has it already. */
  ensure(accountId: AccountId, url: string, settings: DestinationSettings, actor: Actor): void {
    if (this.#sql.idByUrl.get(accountId, url) !== undefined) return;
    const secrets: DestinationSecret[] = [
      { secret: `whsec_${randomBytes(24).toString('base64')}`, expiresAt: null },
    ];
    const sealed = this.#seal.seal(JSON.stringify(secrets));
    this.#sql.insert.run(accountId, url, JSON.stringify(settings), this.#db.now(), sealed);
    const id = this.#sql.idByUrl.get(accountId, url)?.id ?? '';
    this.#recordChange(accountId, actor, 'destination.created', `destination/${id}`, { url });
  }

  find(accountId: AccountId, destinationId: number): Destination | undefined {
    const row = this.#sql.byId.get(accountId, destinationId);
    return row && toDestination(row, this.#seal);
  }

  findByUrl(accountId: AccountId, url: string): Destination | undefined {
    const row = this.#sql.byUrl.get(accountId, url);
    return row && toDestination(row, this.#seal);
  }

  list(accountId: AccountId): Destination[] {
    return this.#sql.allOf.all(accountId).map((row) => toDestination(row, this.#seal));
  }

  setSettings(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    settings: DestinationSettings,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    this.#requireVersion(accountId, destinationId, expected);
    if (this.#sql.updateSettings.run(JSON.stringify(settings), accountId, destinationId) === 0) return false;
    const subject = `destination/${destinationId}`;
    this.#recordChange(accountId, actor, 'destination.set', subject, { ...settings });
    signalChange(tx, accountId, destinationId);
    return true;
  }

  setState(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    state: DestinationState,
    reason: StateReason,
    actor: Actor,
    expected?: Expected,
  ): boolean {
    this.#requireVersion(accountId, destinationId, expected);
    const values = [state, ...toReasonColumns(reason), this.#db.now(), accountId, destinationId];
    if (this.#sql.updateState.run(...values) === 0) return false;
    if (state !== 'opened') this.#sql.endPause.run(accountId, destinationId);
    const subject = `destination/${destinationId}`;
    this.#recordChange(accountId, actor, `destination.${state}`, subject, { reason: reason.text });
    signalChange(tx, accountId, destinationId);
    return true;
  }

  setPause(accountId: AccountId, destinationId: number, { until, status, askedMs }: DestinationPause): void {
    this.#sql.setPause.run(accountId, destinationId, until, status, askedMs);
  }

  listPauses(
    now: number,
    limit: number,
  ): { readonly accountId: AccountId; readonly destinationId: number; readonly until: number }[] {
    return this.#sql.pauses.all(now, limit).map((row) => ({
      accountId: row.account_id,
      destinationId: row.destination_id,
      until: row.until,
    }));
  }

  change(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    change: { readonly name?: string; readonly url?: string },
    actor: Actor,
    expected?: Expected,
  ): 'done' | 'missing' | 'taken' {
    this.#requireVersion(accountId, destinationId, expected);
    const known = this.#sql.byId.get(accountId, destinationId);
    if (known === undefined) return 'missing';
    const { name = known.name, url = known.url } = change;
    if (url !== known.url) {
      if (this.#sql.byUrl.get(accountId, url) !== undefined) return 'taken';
      this.#move(accountId, destinationId, known.url, url);
    }
    this.#sql.updateName.run(name, accountId, destinationId);
    const subject = `destination/${destinationId}`;
    this.#recordChange(accountId, actor, 'destination.set', subject, { ...change });
    signalChange(tx, accountId, destinationId);
    return 'done';
  }

  remove(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    actor: Actor,
    expected?: Expected,
  ): 'done' | 'missing' | 'in_use' | 'busy' {
    this.#requireVersion(accountId, destinationId, expected);
    const known = this.#sql.byId.get(accountId, destinationId);
    if (known === undefined) return 'missing';
    const { url } = known;
    if (this.#isNamed(accountId, url)) return 'in_use';
    if (this.#isBusy(accountId, destinationId)) return 'busy';
    this.#sql.remember.run(accountId, destinationId, url, this.#db.now());
    this.#sql.remove.run(accountId, destinationId);
    this.#sql.endPause.run(accountId, destinationId);
    this.#recordChange(accountId, actor, 'destination.removed', `destination/${destinationId}`, { url });
    tx.signal({ kind: 'directory', accountId });
    return 'done';
  }

  setSecrets(
    tx: Transaction,
    accountId: AccountId,
    destinationId: number,
    secrets: readonly DestinationSecret[],
    actor: Actor,
  ): boolean {
    const sealed = this.#seal.seal(JSON.stringify(secrets));
    if (this.#sql.updateSecrets.run(sealed, accountId, destinationId) === 0) return false;
    const subject = `destination/${destinationId}`;
    const detail = { valid: secrets.length };
    this.#recordChange(accountId, actor, 'destination.secret_rotated', subject, detail);
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  #requireVersion(accountId: AccountId, destinationId: number, expected?: Expected): void {
    const known = expected && this.find(accountId, destinationId);
    if (known !== undefined) requireExpected(expected, versionOfDestination(known));
  }

  /** Gives a destination another URL: no pause and no open breaker of the old one stays. */
  #move(accountId: AccountId, destinationId: number, from: string, to: string): void {
    this.#sql.updateUrl.run(to, accountId, destinationId);
    this.#sql.endPause.run(accountId, destinationId);
    const reason = toReasonColumns(reasoned('other_url', {}));
    this.#sql.setActive.run(...reason, this.#db.now(), accountId, destinationId);
    this.#renameInSettings(accountId, from, to);
  }

  /** Has settings that name a URL name another one. */
  #renameInSettings(accountId: AccountId, url: string, other: string): void {
    for (const row of this.#sql.webhooks.all(accountId)) {
      const changed = withOtherUrl(row.webhook, url, other);
      if (changed === undefined) continue;
      const now = this.#db.now();
      if (row.id === null) this.#sql.setChannelWebhook.run(changed, now, accountId, row.channel_id);
      else this.#sql.setSenderWebhook.run(changed, now, accountId, row.channel_id, row.id);
    }
  }

  /** Whether settings name a URL. */
  #isNamed(accountId: AccountId, url: string): boolean {
    return this.#sql.webhooks
      .all(accountId)
      .some(({ webhook }) => withOtherUrl(webhook, url, '') !== undefined);
  }

  /** Whether any delivery to it is not over: waiting first, then any that stands still. */
  #isBusy(accountId: AccountId, destinationId: number): boolean {
    return (
      this.#sql.waiting.get(accountId, destinationId) !== undefined ||
      this.#sql.open.get(accountId, destinationId) !== undefined
    );
  }
}

/** What is known of a destination is looked up anew, and what waits for it too. */
function signalChange(tx: Transaction, accountId: AccountId, destinationId: number): void {
  tx.signal({ kind: 'directory', accountId });
  tx.signal({ kind: 'deliveries', accountId, destinationId });
}

export function destinationVerbs(db: Connection, destinations: DestinationTables): Destinations {
  return {
    findDestination: (accountId, destinationId) => db.read(() => destinations.find(accountId, destinationId)),
    findDestinationByUrl: (accountId, url) => db.read(() => destinations.findByUrl(accountId, url)),
    listDestinations: (accountId) => db.read(() => destinations.list(accountId)),
    setDestinationSettings: (accountId, destinationId, settings, actor, expected) =>
      db.write((tx) => destinations.setSettings(tx, accountId, destinationId, settings, actor, expected)),
    setDestinationState: (accountId, destinationId, state, reason, actor, expected) =>
      db.write((tx) => destinations.setState(tx, accountId, destinationId, state, reason, actor, expected)),
    setDestinationPause: (accountId, destinationId, pause) =>
      db.write(() => destinations.setPause(accountId, destinationId, pause)),
    listPauses: (now, limit) => db.read(() => destinations.listPauses(now, limit)),
    changeDestination: (accountId, destinationId, change, actor, expected) =>
      db.write((tx) => destinations.change(tx, accountId, destinationId, change, actor, expected)),
    removeDestination: (accountId, destinationId, actor, expected) =>
      db.write((tx) => destinations.remove(tx, accountId, destinationId, actor, expected)),
    setDestinationSecrets: (accountId, destinationId, secrets, actor) =>
      db.write((tx) => destinations.setSecrets(tx, accountId, destinationId, secrets, actor)),
  };
}
