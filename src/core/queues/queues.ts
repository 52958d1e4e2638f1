// Queues made, changed and tried, whoever asks.
import type { AccountId, Principal } from '../../domain/account.ts';
import { FieldError, GatewayError, notFound } from '../../domain/errors.ts';
import type { FaultCode, ValueFault } from '../../domain/faults.ts';
import { faultOf, toFaultText } from '../../domain/faults.ts';
import { defaultQueueAttributes, isXmlText, queueLimits } from '../../domain/queue.ts';
import type { Queue, QueueAttributes } from '../../domain/queue.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';
import { isLarger, QueueRefusal, requireQueueName } from './rules.ts';

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
 * Makes a queue, what is left out by default; one that is there already as it would be made is kept. Throws the refusal of a name that no
 * queue may have, and of one that is there with other attributes.
 */
export async function makeQueue(
  store: Pick<Store, 'createQueue'>,
  accountId: AccountId,
  name: string,
  given: Partial<QueueAttributes>,
): Promise<'created' | 'same'> {
  requireQueueName(name);
  const outcome = await store.createQueue(accountId, name, { ...defaultQueueAttributes, ...given });
  if (outcome === 'different') throw new QueueRefusal({ kind: 'different' });
  return outcome;
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
  requireQueueName(name);
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
  if (isLarger(body, [], maxBytes)) throw refusal('body_long', { limit: maxBytes });
  if (!isXmlText(body)) throw refusal('body_xml');
  const message = { body, priority: queueLimits.priorityDefault };
  const [sent] = (await store.sendMessages(queue, [message], now())) ?? [];
  if (sent === undefined) throw notFound('queue');
  return sent.messageId;
}

function refusal(code: FaultCode, params: ValueFault['params'] = {}): FieldError {
  const fault = faultOf(code, params);
  return new FieldError('bad_request', 'body', `body: ${toFaultText(fault)}`, fault);
}
