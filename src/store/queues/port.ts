// Queues and their messages.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Expected } from '../../domain/version.ts';
import type {
  HandleFault,
  NewQueueMessage,
  Queue,
  QueueAttributes,
  QueueDepth,
  QueueMessage,
  ReceivedMessage,
  SentMessage,
} from '../../domain/queue.ts';

/** What the hot paths do with queues. */
export interface QueueEngine {
  findQueue(accountId: AccountId, name: string): Promise<Queue | undefined>;
  /** Adds messages in order; resolves to undefined when the queue has been deleted. */
  sendMessages(
    queue: Queue,
    messages: readonly NewQueueMessage[],
    now: number,
  ): Promise<readonly SentMessage[] | undefined>;
  /** Receives up to `limit` messages, highest priority first, then oldest; each is held for the queue's visibility. */
  receiveMessages(queue: Queue, limit: number, now: number): Promise<readonly ReceivedMessage[]>;
  /** Takes a receive back as if it had not been: for a caller who went away before the answer. */
  unreceiveMessages(queue: Queue, handles: readonly string[]): Promise<void>;
  /** What a receive would give next, without holding it. */
  peekMessages(queue: Queue, limit: number, now: number): Promise<readonly QueueMessage[]>;
  /** In the order of `handles`: null for a message that is deleted now. */
  deleteMessages(
    queue: Queue,
    handles: readonly string[],
    now: number,
  ): Promise<readonly (HandleFault | null)[]>;
  /** Holds a received message for `seconds` from now; the old handle stays good for as long as the new one. */
  changeVisibility(
    queue: Queue,
    handle: string,
    seconds: number,
    now: number,
  ): Promise<HandleFault | { readonly handle: string; readonly nextVisibleAt: number }>;
  /** When the next message that is delayed or held becomes ready; undefined when there is none, `gone` when the queue has been deleted. */
  findNextReady(queue: Queue): Promise<number | 'gone' | undefined>;
}

/** What people see of queues. */
export interface QueueViews {
  /** By name in code unit order, from after `after`, with at most `limit` of them. */
  listQueues(accountId: AccountId, prefix: string, after: string, limit: number): Promise<readonly Queue[]>;
  /** Some queues of all accounts, always the same ones: at most `limit`, by one look however many accounts there are. */
  sampleQueues(limit: number): Promise<readonly Queue[]>;
  countMessages(queue: Queue): Promise<QueueDepth>;
  /** Messages in all queues of an account, in whatever state; it costs the same however many they are. */
  countQueuedMessages(accountId: AccountId): Promise<number>;
  /** When the oldest message that is ready was sent; undefined when there is none. */
  findOldestMessage(queue: Queue): Promise<number | undefined>;
}

export interface Queues extends QueueEngine, QueueViews {
  /**
   * `same`: it is there with equal attributes. `different`: it is there with others, and stays as it is. A change made
   * with an `actor` is recorded; those of the SMQ protocol have none.
   */
  createQueue(
    accountId: AccountId,
    name: string,
    attributes: QueueAttributes,
    actor?: Actor,
  ): Promise<'created' | 'same' | 'different'>;
  /** Resolves to false when there is none. Throws `changed_meanwhile` when it is not as `expected`. */
  setQueueAttributes(
    accountId: AccountId,
    name: string,
    attributes: Partial<QueueAttributes>,
    actor?: Actor,
    expected?: Expected,
  ): Promise<boolean>;
  /** Takes the queue and all that is in it away; resolves to false when there is none. Throws as `setQueueAttributes`. */
  deleteQueue(accountId: AccountId, name: string, actor?: Actor, expected?: Expected): Promise<boolean>;
}
