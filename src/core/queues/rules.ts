// What a queue and a message of one may be: SMQ's limits (docs/protocols/smq.md), for whoever asks. A refusal holds the limit itself,
// so that each protocol says it in its own words; what is within a limit costs a comparison and nothing more.
import { GatewayError } from '../../domain/errors.ts';
import { isQueueName, propertyTypes, queueLimits } from '../../domain/queue.ts';
import type { MessageProperty, NewQueueMessage } from '../../domain/queue.ts';

/** The whole numbers that a value may be; `name` is what the protocol calls the value. */
export interface Range {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly unit: 'seconds' | 'bytes' | '';
}

/** Ranges of what is given with a call; those of a queue's attributes hold for the call's own delay and visibility as well. */
export const callRanges = {
  /** 0 is one that was not given. */
  priority: { name: 'Priority', min: 0, max: queueLimits.priorityLowest, unit: '' },
  count: { name: 'numOfMessages', min: 1, max: queueLimits.batch, unit: '' },
  wait: { name: 'waitseconds', min: 0, max: queueLimits.waitSeconds, unit: 'seconds' },
} as const satisfies Readonly<Record<string, Range>>;

/** What is wrong with a queue that is to be made. */
interface NewQueueFault {
  readonly kind: 'name_length' | 'name_spelling' | 'different';
}

/** What of a call is beyond which limit. */
export type ArgumentFault =
  | { readonly kind: 'property_name' | 'property_count' }
  | { readonly kind: 'property_value' | 'property_type'; readonly property: string }
  | { readonly kind: 'value'; readonly range: Range }
  | { readonly kind: 'body_size' | 'batch_size'; readonly maxBytes: number }
  | { readonly kind: 'batch_count'; readonly of: BatchOf; readonly max: number };

/** What a batch is of. */
type BatchOf = 'messages' | 'receipt handles';

/** What a rule of queues refuses. */
export class QueueRefusal extends GatewayError {
  readonly fault: NewQueueFault | ArgumentFault;

  constructor(fault: NewQueueFault | ArgumentFault) {
    super(fault.kind === 'different' ? 'conflict' : 'bad_request', describe(fault));
    this.name = 'QueueRefusal';
    this.fault = fault;
  }
}

/** A number, where it is a whole one of the range; NaN stands for what was none. Throws a refusal. */
export function requireWithin(range: Range, value: number): number {
  if (value >= range.min && value <= range.max) return value;
  throw new QueueRefusal({ kind: 'value', range });
}

/** Throws a refusal for a name that no queue may have. */
export function requireQueueName(name: string): void {
  if (name.length > queueLimits.nameLength) throw new QueueRefusal({ kind: 'name_length' });
  if (!isQueueName(name)) throw new QueueRefusal({ kind: 'name_spelling' });
}

/** Throws a refusal for a property that a message may not have. */
export function requireProperty({ name, value, type }: MessageProperty): void {
  if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name) || name.length > queueLimits.propertyNameLength)
    throw new QueueRefusal({ kind: 'property_name' });
  if (Buffer.byteLength(value) > queueLimits.propertyValueBytes)
    throw new QueueRefusal({ kind: 'property_value', property: name });
  if (!propertyTypes.includes(type)) throw new QueueRefusal({ kind: 'property_type', property: name });
}

/** Throws a refusal for a message with nothing in it, with too many properties, or larger than its queue takes. */
export function requireSize(
  body: string,
  userProperties: readonly MessageProperty[],
  maximumMessageBytes: number,
): void {
  if (userProperties.length > queueLimits.userProperties) throw new QueueRefusal({ kind: 'property_count' });
  if (body === '' || isLarger(body, userProperties, maximumMessageBytes))
    throw new QueueRefusal({ kind: 'body_size', maxBytes: maximumMessageBytes });
}

/** Whether a message is larger than so many bytes: what its user gave counts, body and properties. */
export function isLarger(
  body: string,
  userProperties: readonly MessageProperty[],
  maxBytes: number,
): boolean {
  let bytes = Buffer.byteLength(body);
  for (const { name, value } of userProperties) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  return bytes > maxBytes;
}

/** The priority of a message for which this one was given, if any. Throws a refusal for one beyond its range. */
export function toPriority(given: number | undefined): number {
  if (given === undefined || requireWithin(callRanges.priority, given) === 0)
    return queueLimits.priorityDefault;
  return given;
}

/** Throws a refusal for a batch with nothing in it, or with more than one call takes. */
export function requireBatch(count: number, of: BatchOf): void {
  if (count < 1 || count > queueLimits.batch)
    throw new QueueRefusal({ kind: 'batch_count', of, max: queueLimits.batch });
}

/** Throws a refusal for messages whose bodies are more together than one call takes. */
export function requireBatchSize(messages: readonly Pick<NewQueueMessage, 'body'>[]): void {
  let bytes = 0;
  for (const { body } of messages) bytes += Buffer.byteLength(body);
  if (bytes > queueLimits.bodyBytes)
    throw new QueueRefusal({ kind: 'batch_size', maxBytes: queueLimits.bodyBytes });
}

function describe(fault: NewQueueFault | ArgumentFault): string {
  switch (fault.kind) {
    case 'name_length':
      return `A queue's name has 1 to ${queueLimits.nameLength} characters.`;
    case 'name_spelling':
      return "A queue's name is of letters, digits and hyphens, and does not begin with a hyphen.";
    case 'different':
      return 'There is a queue of that name already, with other attributes.';
    case 'property_name':
      return `The name of a property is 1 to ${queueLimits.propertyNameLength} letters, digits, underscores, hyphens and single dots.`;
    case 'property_count':
      return `A message has at most ${queueLimits.userProperties} properties.`;
    case 'property_value':
      return `${fault.property}: has to be at most ${queueLimits.propertyValueBytes} bytes.`;
    case 'property_type':
      return `${fault.property}: its type has to be one of ${propertyTypes.join(', ')}.`;
    case 'value':
      return `${fault.range.name}: has to be a whole number from ${fault.range.min} to ${fault.range.max}.`;
    case 'body_size':
      return `A message of this queue has 1 to ${fault.maxBytes} bytes.`;
    case 'batch_size':
      return `The messages of a batch have at most ${fault.maxBytes} bytes together.`;
    case 'batch_count':
      return `A batch has 1 to ${fault.max} ${fault.of}.`;
  }
}
