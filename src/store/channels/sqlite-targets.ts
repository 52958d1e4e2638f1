// What settings of webhooks name: made in the transaction that writes them, when it is not there yet.
import type { AccountId, Actor } from '../../domain/account.ts';
import { toDestinationSettings } from '../../domain/delivery.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import type { Transaction } from '../sqlite/connection.ts';
import type { DestinationTables } from '../destinations/sqlite.ts';
import type { QueueTables } from '../queues/sqlite-queues.ts';

export class WebhookTargets {
  readonly #destinations: DestinationTables;
  readonly #queues: QueueTables;

  constructor(destinations: DestinationTables, queues: QueueTables) {
    this.#destinations = destinations;
    this.#queues = queues;
  }

  /** Makes destinations for URLs, with the settings of `preset`, and a queue for each type. */
  prepare(
    tx: Transaction,
    accountId: AccountId,
    urls: readonly (string | null)[],
    types: readonly ReceiptType[],
    preset: NewDestination,
    actor: Actor,
  ): void {
    for (const url of urls)
      if (url !== null) this.#destinations.ensure(accountId, url, toDestinationSettings(preset), actor);
    for (const type of types)
      this.#queues.ensureForReceipts(tx, accountId, toReceiptQueueName(accountId, type));
  }
}
