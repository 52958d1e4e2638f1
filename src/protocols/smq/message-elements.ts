// Messages between the wire and the domain: reading what clients send, writing what they receive.
import { queueLimits } from '../../domain/queue.ts';
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
const propertyTypes = ['STRING', 'NUMBER', 'BOOLEAN', 'BINARY'];

/** Reads a whole number between two bounds. Throws InvalidArgument naming the element. */
export function parseRange(name: string, text: string, min: number, max: number, unit: string): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new SmqError(
    'InvalidArgument',
    `The value of ${name} should between ${min} and ${max}${unit === '' ? '' : ` ${unit}`}.`,
  );
}

/** Reads the attributes that a `Queue` element gives, leaving out those that it does not. */
export function parseAttributes(root: Element): Partial<QueueAttributes> {
  if (root.name !== 'Queue') throw wrongElement(root.name);
  const attributes: Record<string, number | boolean> = {};
  for (const [key, { name, min, max, unit }] of Object.entries(queueAttributeRanges)) {
    const element = find(root, name);
    if (element !== undefined) attributes[key] = parseRange(name, element.text, min, max, unit);
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

/** Reads one `Message` element and checks it against the queue's limits. Throws InvalidArgument. */
export function parseMessage(element: Element, queue: Queue): NewQueueMessage {
  if (element.name !== 'Message') throw wrongElement(element.name);
  const body = find(element, 'MessageBody')?.text;
  if (body === undefined) throw new SmqError('InvalidArgument', 'MessageBody is required.');
  const userProperties = parseProperties(find(element, 'UserProperties'), 'PropertyValue');
  const systemProperties = parseProperties(find(element, 'SystemProperties'), 'SystemPropertyValue').filter(
    ({ name }) => systemPropertyNames.includes(name),
  );
  if (userProperties.length > queueLimits.userProperties) {
    throw new SmqError(
      'InvalidArgument',
      `A message should have at most ${queueLimits.userProperties} UserProperties.`,
    );
  }
  const bytes =
    Buffer.byteLength(body) +
    sum(userProperties.map(({ name, value }) => Buffer.byteLength(name) + Buffer.byteLength(value)));
  const max = queue.attributes.maximumMessageBytes;
  if (body === '' || bytes > max)
    throw new SmqError('InvalidArgument', `The value of MessageBody should between 1 and ${max} bytes.`);
  const delaySeconds = parseOptional(element, 'DelaySeconds', 0, 604_800, 'seconds');
  const priority = parseOptional(element, 'Priority', 0, queueLimits.priorityLowest, '');
  const groupId = find(element, 'MessageGroupId')?.text;
  return {
    body,
    // The Go client writes 0 for a priority that was not given.
    priority: priority === undefined || priority === 0 ? queueLimits.priorityDefault : priority,
    ...(delaySeconds === undefined ? {} : { delayMs: delaySeconds * 1000 }),
    ...(userProperties.length === 0 ? {} : { userProperties }),
    ...(systemProperties.length === 0 ? {} : { systemProperties }),
    ...(groupId === undefined || groupId === '' ? {} : { groupId }),
  };
}

function parseOptional(
  element: Element,
  name: string,
  min: number,
  max: number,
  unit: string,
): number | undefined {
  const text = find(element, name)?.text;
  return text === undefined || text.trim() === '' ? undefined : parseRange(name, text, min, max, unit);
}

function parseProperties(parent: Element | undefined, childName: string): MessageProperty[] {
  return (parent?.children ?? []).map((child) => {
    if (child.name !== childName) throw wrongElement(child.name);
    const name = find(child, 'Name')?.text ?? '';
    const value = find(child, 'Value')?.text ?? '';
    const type = find(child, 'Type')?.text ?? 'STRING';
    if (!/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/.test(name) || name.length > 256) {
      throw new SmqError(
        'InvalidArgument',
        'The name of a property should be 1 to 256 letters, digits, underscores, hyphens and single dots.',
      );
    }
    if (Buffer.byteLength(value) > 4096)
      throw new SmqError('InvalidArgument', `The value of property ${name} should between 0 and 4096 bytes.`);
    if (!propertyTypes.includes(type))
      throw new SmqError(
        'InvalidArgument',
        `The type of property ${name} should be one of ${propertyTypes.join(', ')}.`,
      );
    return { name, value, type };
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
