// Queues as people make, change and try them; SMQ has verbs of its own over the same store.
import type { AccountId, Principal } from '../../domain/account.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import { defaultQueueAttributes, isXmlText, queueLimits } from '../../domain/queue.ts';
import type { Queue, QueueAttributes } from '../../domain/queue.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';

/** Finds a queue of the account. Throws `not_found`. */
export async function findQueue(
  store: Pick<Store, 'findQueue'>,
  accountId: AccountId,
  name: string,
): Promise<Queue> {
  const queue = await store.findQueue(accountId, name);
  if (queue === undefined) throw notFound('queue');
  return queue;
}

/**
 * Makes a queue, what is left out by default, or changes of one that is there what is given. Throws `already_exists` where it was only to be
 * made, `changed_meanwhile` where it is not as it was seen.
 */
export async function setQueue(
  store: Pick<Store, 'createQueue' | 'setQueueAttributes'>,
  { accountId, actor }: Principal,
  name: string,
  given: Partial<QueueAttributes>,
  expected?: Expected,
): Promise<'made' | 'kept'> {
  const attributes = { ...defaultQueueAttributes, ...given };
  const isMaking = expected === undefined || expected.kind === 'absent';
  const outcome = isMaking ? await store.createQueue(accountId, name, attributes, actor) : 'different';
  if (outcome === 'created') return 'made';
  if (expected?.kind === 'absent')
    throw new GatewayError('already_exists', `There is a queue ${name} already.`);
  if (outcome === 'different' && (Object.keys(given).length > 0 || expected !== undefined)) {
    const isThere = await store.setQueueAttributes(accountId, name, given, actor, expected);
    if (!isThere && expected !== undefined) throw new GatewayError('changed_meanwhile');
  }
  return 'kept';
}

/** Puts one message into a queue, to try who receives it; resolves to its id. Throws `bad_request`, `not_found`. */
export async function sendOne(
  { store, now }: { readonly store: Pick<Store, 'sendMessages'>; readonly now: () => number },
  queue: Queue,
  body: string,
): Promise<string> {
  const maxBytes = queue.attributes.maximumMessageBytes;
  if (Buffer.byteLength(body) > maxBytes)
    throw new FieldError('bad_request', 'body', `body: this queue takes at most ${maxBytes} bytes.`);
  if (!isXmlText(body))
    throw new FieldError(
      'bad_request',
      'body',
      'body: holds a character that XML, and so SMQ, cannot carry.',
    );
  const message = { body, priority: queueLimits.priorityDefault };
  const [sent] = (await store.sendMessages(queue, [message], now())) ?? [];
  if (sent === undefined) throw notFound('queue');
  return sent.messageId;
}
