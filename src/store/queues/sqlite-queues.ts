import { requireExpected, versionOfQueue } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { AccountId, Actor } from '../../domain/account.ts';
import { receiptQueueAttributes } from '../../domain/queue.ts';
import type { Queue, QueueAttributes } from '../../domain/queue.ts';
import { isSameAttributes, readAttributes, toQueue } from './rows.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { Recorder } from '../journal/sqlite.ts';
import type { QueueDepths } from './sqlite-depths.ts';
import { queueStatements } from './sqlite-statements.ts';

/** What is done with the table of queues, each inside a transaction that the caller has. */
export class QueueTables {
  /** The attributes as they are now, since those of a caller may be some seconds old; undefined when the queue is gone. */
  readonly attributesOf: (queueId: number) => QueueAttributes | undefined;
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #depths: QueueDepths;
  readonly #sql;
  /** By its account and its name, as `account/name`. */
  readonly #receiptQueue: (place: string) => Queue | undefined;

  constructor(db: Connection, recordChange: Recorder, depths: QueueDepths) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#depths = depths;
    this.#sql = queueStatements(db);
    this.attributesOf = db.remember((queueId: number) => {
      const row = this.#sql.attributesById.get(queueId);
      return row && readAttributes(row.attributes);
    });
    this.#receiptQueue = db.remember((place: string) => {
      const slash = place.indexOf('/');
      return this.find(Number(place.slice(0, slash)), place.slice(slash + 1));
    });
  }

  create(
    tx: Transaction,
    accountId: AccountId,
    name: string,
    attributes: QueueAttributes,
    actor?: Actor,
  ): 'created' | 'same' | 'different' {
    const known = this.find(accountId, name);
    if (known !== undefined) return isSameAttributes(known.attributes, attributes) ? 'same' : 'different';
    this.#sql.insert.run(accountId, name, JSON.stringify(attributes), this.#db.now());
    this.#note(accountId, actor, 'queue.created', name, { ...attributes });
    tx.signal({ kind: 'directory', accountId });
    return 'created';
  }

  /** The account's queue of that name, made with receiptQueueAttributes when it is missing. */
  ensureForReceipts(tx: Transaction, accountId: AccountId, name: string): Queue {
    const known = this.#receiptQueue(`${accountId}/${name}`);
    if (known !== undefined) return known;
    tx.signal({ kind: 'directory', accountId });
    this.#sql.insert.run(accountId, name, JSON.stringify(receiptQueueAttributes), this.#db.now());
    const made = this.find(accountId, name);
    if (made === undefined) throw new Error('A queue that was just made is not there.');
    return made;
  }

  setAttributes(
    tx: Transaction,
    accountId: AccountId,
    name: string,
    attributes: Partial<QueueAttributes>,
    actor?: Actor,
    expected?: Expected,
  ): boolean {
    const known = this.find(accountId, name);
    if (known === undefined) return false;
    requireExpected(expected, versionOfQueue(known));
    const changed = JSON.stringify({ ...known.attributes, ...attributes });
    this.#sql.update.run(changed, this.#db.now(), known.id);
    this.#note(accountId, actor, 'queue.set', name, { ...attributes });
    tx.signal({ kind: 'directory', accountId });
    return true;
  }

  /** Takes a queue away at once; what is in it goes with the sweep. */
  remove(tx: Transaction, accountId: AccountId, name: string, actor?: Actor, expected?: Expected): boolean {
    const known = this.find(accountId, name);
    if (known === undefined) return false;
    requireExpected(expected, versionOfQueue(known));
    this.#sql.remove.run(known.id);
    this.#sql.insertDropped.run(accountId, known.id);
    this.#depths.forget(tx, known.id);
    this.#note(accountId, actor, 'queue.deleted', name, {});
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'queue', accountId, queueId: known.id });
    return true;
  }

  find(accountId: AccountId, name: string): Queue | undefined {
    const row = this.#sql.byName.get(accountId, name);
    return row && toQueue(row);
  }

  sample(limit: number): Queue[] {
    return this.#sql.sample.all(limit).map(toQueue);
  }

  /** Messages in all queues of an account, in whatever state. */
  countMessages(accountId: AccountId): number {
    const ids = this.#sql.idsOf.all(accountId);
    return ids.reduce((sum, { id }) => sum + this.#depths.total({ accountId, id }), 0);
  }

  list(accountId: AccountId, prefix: string, after: string, limit: number): Queue[] {
    const rows = this.#sql.page.all(accountId, prefix, after, limit);
    const end = rows.findIndex((row) => !row.name.startsWith(prefix));
    return (end < 0 ? rows : rows.slice(0, end)).map(toQueue);
  }

  /** Changes by the SMQ protocol have no actor, and are not written down. */
  #note(
    accountId: AccountId,
    actor: Actor | undefined,
    action: string,
    name: string,
    detail: Readonly<Record<string, unknown>>,
  ): void {
    if (actor !== undefined) this.#recordChange(accountId, actor, action, `queue/${name}`, detail);
  }
}
