// Messages between the wire and the domain: reading what clients send, writing what they receive.
import { requireProperty, requireSize, requireWithin, toPriority } from '../../core/queues/rules.ts';
import type { Range } from '../../core/queues/rules.ts';
import type {
  MessageProperty,
  NewQueueMessage,
  Queue,
  QueueAttributes,
  QueueDepth,
  QueueMessage,
  ReceivedMessage,
} from '../../domain/queue.ts';
import { queueAttributeRanges } from '../../domain/queue.ts';
import { SmqError } from './errors.ts';
import { find } from './xml.ts';
import type { Element, Node } from './xml.ts';

/** Names that the Java client knows; it fails on any other, so nothing else is taken or given (docs/protocols/smq.md). */
const systemPropertyNames = [
  'traceparent',
  'tracestate',
  'baggage',
  'DLQMessageType',
  'DLQSourceArn',
  'DLQOriginMessageId',
];

/** Reads a whole number of a range. Throws the refusal of any other. */
export function parseRange(range: Range, text: string): number {
  return requireWithin(range, parseWhole(text));
}

/** NaN for what is no whole number. */
function parseWhole(text: string): number {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
}

/** Reads the attributes that a `Queue` element gives, leaving out those that it does not. */
export function parseAttributes(root: Element): Partial<QueueAttributes> {
  if (root.name !== 'Queue') throw wrongElement(root.name);
  const attributes: Record<string, number | boolean> = {};
  for (const [key, range] of Object.entries(queueAttributeRanges)) {
    const element = find(root, range.name);
    if (element !== undefined) attributes[key] = parseRange(range, element.text);
  }
  const logging = find(root, 'LoggingEnabled')?.text.trim().toLowerCase();
  if (logging !== undefined) {
    if (logging !== 'true' && logging !== 'false')
      throw new SmqError('InvalidArgument', 'The value of LoggingEnabled should be True or False.');
    attributes['loggingEnabled'] = logging === 'true';
  }
  return attributes;
}

export function toQueueNodes(queue: Queue, depth: QueueDepth): Node[] {
  const { attributes } = queue;
  return [
    ['QueueName', queue.name],
    ['CreateTime', Math.floor(queue.createdAt / 1000)],
    ['LastModifyTime', Math.floor(queue.modifiedAt / 1000)],
    ['DelaySeconds', attributes.delaySeconds],
    ['MaximumMessageSize', attributes.maximumMessageBytes],
    ['MessageRetentionPeriod', attributes.retentionSeconds],
    ['VisibilityTimeout', attributes.visibilitySeconds],
    ['PollingWaitSeconds', attributes.pollingWaitSeconds],
    ['ActiveMessages', depth.active],
    ['InactiveMessages', depth.inactive],
    ['DelayMessages', depth.delayed],
    ['LoggingEnabled', attributes.loggingEnabled ? 'True' : 'False'],
  ];
}

/** Reads one `Message` element by the rules of its queue. Throws InvalidArgument, and the refusal of a rule. */
export function parseMessage(element: Element, queue: Queue): NewQueueMessage {
  if (element.name !== 'Message') throw wrongElement(element.name);
  const body = find(element, 'MessageBody')?.text;
  if (body === undefined) throw new SmqError('InvalidArgument', 'MessageBody is required.');
  const userProperties = parseProperties(find(element, 'UserProperties'), 'PropertyValue');
  const systemProperties = parseProperties(find(element, 'SystemProperties'), 'SystemPropertyValue').filter(
    ({ name }) => systemPropertyNames.includes(name),
  );
  requireSize(body, userProperties, queue.attributes.maximumMessageBytes);
  const delaySeconds = parseOptional(element, queueAttributeRanges.delaySeconds.name);
  if (delaySeconds !== undefined) requireWithin(queueAttributeRanges.delaySeconds, delaySeconds);
  const groupId = find(element, 'MessageGroupId')?.text;
  return {
    body,
    // The Go client writes 0 for a priority that was not given.
    priority: toPriority(parseOptional(element, 'Priority')),
    ...(delaySeconds === undefined ? {} : { delayMs: delaySeconds * 1000 }),
    ...(userProperties.length === 0 ? {} : { userProperties }),
    ...(systemProperties.length === 0 ? {} : { systemProperties }),
    ...(groupId === undefined || groupId === '' ? {} : { groupId }),
  };
}

/** A whole number, NaN for what is none; undefined where nothing is given. */
function parseOptional(element: Element, name: string): number | undefined {
  const text = find(element, name)?.text;
  return text === undefined || text.trim() === '' ? undefined : parseWhole(text);
}

function parseProperties(parent: Element | undefined, childName: string): MessageProperty[] {
  return (parent?.children ?? []).map((child) => {
    if (child.name !== childName) throw wrongElement(child.name);
    const name = find(child, 'Name')?.text ?? '';
    const value = find(child, 'Value')?.text ?? '';
    const type = find(child, 'Type')?.text ?? 'STRING';
    const property = { name, value, type };
    requireProperty(property);
    return property;
  });
}

export function toReceivedNodes(message: ReceivedMessage): Node[] {
  return toMessageNodes(
    message,
    [['ReceiptHandle', message.handle]],
    [['NextVisibleTime', message.nextVisibleAt]],
  );
}

export function toPeekedNodes(message: QueueMessage): Node[] {
  return toMessageNodes(message, [], []);
}

/** The elements in the service's own order; the properties last, because one client reads them to the end of the text. */
function toMessageNodes(message: QueueMessage, handle: Node[], nextVisible: Node[]): Node[] {
  return [
    ['MessageId', message.messageId],
    ['MessageBodyMD5', message.bodyMd5],
    ['MessageBody', message.body],
    ...handle,
    ['EnqueueTime', message.enqueuedAt],
    ['FirstDequeueTime', message.firstDequeuedAt],
    ...nextVisible,
    ['DequeueCount', message.dequeueCount],
    ['Priority', message.priority],
    ...(message.groupId === null ? [] : [['MessageGroupId', message.groupId] as const]),
    ...toPropertyNodes('SystemProperties', 'SystemPropertyValue', message.systemProperties),
    ...toPropertyNodes('UserProperties', 'PropertyValue', message.userProperties),
  ];
}

function toPropertyNodes(name: string, childName: string, properties: readonly MessageProperty[]): Node[] {
  if (properties.length === 0) return [];
  return [
    [
      name,
      properties.map((property): Node => [
        childName,
        [
          ['Name', property.name],
          ['Value', property.value],
          ['Type', property.type],
        ],
      ]),
    ],
  ];
}

export function wrongElement(name: string): SmqError {
  return new SmqError(
    'InvalidArgument',
    `The XML you provided did not validate against our published schema, cause by ${name}.`,
  );
}
