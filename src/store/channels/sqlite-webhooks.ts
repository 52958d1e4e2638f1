// Where the receipts of channels and senders go.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { ChannelWebhook, SenderWebhook } from '../../domain/channel.ts';
import { toDestinationSettings } from '../../domain/delivery.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { isNowhere, toReceiptQueueName } from '../../domain/subscription.ts';
import type { ReceiptType } from '../../domain/receipt.ts';
import { requireExpected, versionOfWebhook } from '../../domain/version.ts';
import type { Expected } from '../../domain/version.ts';
import type { Connection, Transaction } from '../sqlite/connection.ts';
import type { DestinationTables } from '../destinations/sqlite.ts';
import type { Recorder } from '../journal/sqlite.ts';
import type { QueueTables } from '../queues/sqlite-queues.ts';
import type { ChannelTables } from './sqlite-tables.ts';
import { webhookStatements } from './sqlite-statements.ts';

/** What is done with webhook settings, each inside a transaction that the caller has. */
export class WebhookTables {
  readonly #db: Connection;
  readonly #recordChange: Recorder;
  readonly #channels: ChannelTables;
  readonly #destinations: DestinationTables;
  readonly #queues: QueueTables;
  readonly #sql;

  constructor(
    db: Connection,
    recordChange: Recorder,
    channels: ChannelTables,
    destinations: DestinationTables,
    queues: QueueTables,
  ) {
    this.#db = db;
    this.#recordChange = recordChange;
    this.#channels = channels;
    this.#destinations = destinations;
    this.#queues = queues;
    this.#sql = webhookStatements(db);
  }

  setOfSender(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    senderId: string,
    change: Partial<SenderWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): SenderWebhook | 'no_url' | 'missing' {
    const known = this.#channels.findSender(channelId, senderId);
    if (known?.accountId !== accountId) return 'missing';
    requireExpected(expected, versionOfWebhook(known));
    const webhook = { ...known.webhook, ...change };
    if (isNowhere(webhook)) return 'no_url';
    this.#sql.updateOfSender.run(JSON.stringify(webhook), this.#db.now(), accountId, channelId, senderId);
    const { queue, types, statusUrl, inboundUrl } = webhook;
    this.#prepareTargets(tx, accountId, [statusUrl, inboundUrl], queue ? types : [], preset, actor);
    const subject = `channel/${channelId}/sender/${senderId}`;
    this.#recordChange(accountId, actor, 'webhook.set', subject, { ...webhook });
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'webhook', accountId, channelId, senderId });
    return webhook;
  }

  setOfChannel(
    tx: Transaction,
    accountId: AccountId,
    channelId: string,
    change: Partial<ChannelWebhook>,
    preset: NewDestination,
    actor: Actor,
    expected?: Expected,
  ): ChannelWebhook | 'no_url' | 'missing' {
    const known = this.#channels.findOwn(accountId, channelId);
    if (known === undefined) return 'missing';
    requireExpected(expected, versionOfWebhook(known));
    const webhook = { ...known.webhook, ...change };
    if (isNowhere(webhook)) return 'no_url';
    this.#sql.updateOfChannel.run(JSON.stringify(webhook), this.#db.now(), accountId, channelId);
    const types: ReceiptType[] = webhook.queue ? ['ChatAppAudit'] : [];
    this.#prepareTargets(tx, accountId, [webhook.auditUrl], types, preset, actor);
    this.#recordChange(accountId, actor, 'webhook.set', `channel/${channelId}`, { ...webhook });
    tx.signal({ kind: 'directory', accountId });
    tx.signal({ kind: 'webhook', accountId, channelId, senderId: null });
    return webhook;
  }

  /** Makes what the settings name and is not there yet: destinations for URLs, a queue for each type. */
  #prepareTargets(
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
