// What each SMQ operation does, over the store port. The server has authenticated the caller by the time one runs.
import type { AccountId, KeyRole } from '../../domain/account.ts';
import { makeQueue } from '../../core/queues/queues.ts';
import {
  callRanges,
  QueueRefusal,
  requireBatch,
  requireBatchSize,
  requireQueueName,
} from '../../core/queues/rules.ts';
import type { Range } from '../../core/queues/rules.ts';
import { queueAttributeRanges } from '../../domain/queue.ts';
import type { HandleFault, NewQueueMessage, Queue, SentMessage } from '../../domain/queue.ts';
import type { Quota } from '../../core/accounts/quotas.ts';
import type { Requester } from '../../core/accounts/request-rates.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store } from '../../store/store.ts';
import { fromQueueRefusal, SmqError, smqErrorTable } from './errors.ts';
import {
  parseAttributes,
  parseMessage,
  parseRange,
  toPeekedNodes,
  toQueueNodes,
  toReceivedNodes,
  wrongElement,
} from './message-elements.ts';
import type { Receiver, Waiting } from '../../core/queues/wait.ts';
import { find, parseXml } from './xml.ts';
import type { Node } from './xml.ts';

export interface OperationDeps {
  readonly store: Pick<
    Store,
    | 'createQueue'
    | 'setQueueAttributes'
    | 'deleteQueue'
    | 'findQueue'
    | 'listQueues'
    | 'countMessages'
    | 'sendMessages'
    | 'peekMessages'
    | 'deleteMessages'
    | 'changeVisibility'
  >;
  readonly directory: Directory;
  readonly waiting: Waiting;
  /** What accounts and their keys may have in queues. */
  readonly messageQuota: Pick<Quota, 'reserve'>;
  readonly now: () => number;
  readonly settings: { readonly batchSendFaultStatus: number; readonly batchDeleteFaultStatus: number };
}

/** An authenticated request. Query keys are in lower case, because clients spell them in several ways. */
interface SmqRequest {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** `scheme://authority` as the client sees it. */
  readonly origin: () => string;
  readonly accountId: AccountId;
  /** Whose limits hold. */
  readonly requester: Requester;
  readonly caller: Receiver;
}

export interface SmqAnswer {
  readonly status: number;
  readonly xml?: Node;
  readonly location?: string;
  /** Messages that passed through, for the metrics. */
  readonly messages?: number;
}

type Handler = (deps: OperationDeps, request: SmqRequest) => Promise<SmqAnswer>;

/** `consumes`: what a key that is bound to one queue may do there. */
export interface Operation {
  readonly name: string;
  readonly consumes: boolean;
  /** Keys that may do it beside those that may do everything. */
  readonly roles: readonly KeyRole[];
  readonly handle: Handler;
}

const operation = (name: string, handle: Handler, ...roles: KeyRole[]): Operation => ({
  name,
  handle,
  consumes: false,
  roles,
});

/** What a key of one queue may do there, too. */
const consuming = (name: string, handle: Handler, ...roles: KeyRole[]): Operation => ({
  ...operation(name, handle, ...roles),
  consumes: true,
});

const operations = {
  listQueue: operation('ListQueue', listQueue, 'read'),
  createQueue: operation('CreateQueue', createQueue),
  setQueueAttributes: operation('SetQueueAttributes', setQueueAttributes),
  getQueueAttributes: operation('GetQueueAttributes', getQueueAttributes, 'read', 'send', 'receive'),
  deleteQueue: operation('DeleteQueue', deleteQueue),
  sendMessage: operation('SendMessage', sendMessage, 'send'),
  receiveMessage: consuming('ReceiveMessage', receiveMessage, 'receive'),
  peekMessage: consuming('PeekMessage', peekMessage, 'receive', 'read'),
  deleteMessage: consuming('DeleteMessage', deleteMessage, 'receive'),
  batchDeleteMessage: consuming('BatchDeleteMessage', batchDeleteMessage, 'receive'),
  changeVisibility: consuming('ChangeMessageVisibility', changeVisibility, 'receive'),
  getAccountAttributes: operation('GetAccountAttributes', getAccountAttributes, 'read', 'send', 'receive'),
  setAccountAttributes: operation('SetAccountAttributes', setAccountAttributes),
  unsupported: operation(
    'Unsupported',
    async () => {
      throw new SmqError('UnsupportedOperation');
    },
    'send',
    'receive',
    'read',
  ),
} as const;

/** Queues in one page of a list; the protocol's own. */
const pageRange: Range = { name: 'x-mns-ret-number', min: 1, max: 1000, unit: '' };

/** The names of all operations. */
export const operationNames: readonly string[] = Object.values(operations).map(({ name }) => name);

/** Finds the operation that a method, path and query name. Throws InvalidRequestURL. */
export function findOperation({
  method,
  segments,
  query,
}: Pick<SmqRequest, 'method' | 'segments' | 'query'>): Operation {
  const [root, name, part, ...rest] = segments;
  if (root === 'topics' || root === 'commonbuy') return operations.unsupported;
  if (segments.length === 0 && query.has('accountmeta')) {
    if (method === 'GET') return operations.getAccountAttributes;
    if (method === 'PUT') return operations.setAccountAttributes;
  }
  if (root !== 'queues' || rest.length > 0) throw new SmqError('InvalidRequestURL');
  if (name === undefined && method === 'GET') return operations.listQueue;
  if (name !== undefined && part === undefined) {
    if (method === 'PUT')
      return query.get('metaoverride')?.toLowerCase() === 'true'
        ? operations.setQueueAttributes
        : operations.createQueue;
    if (method === 'GET') return operations.getQueueAttributes;
    if (method === 'DELETE') return operations.deleteQueue;
  }
  if (part === 'messages') {
    if (method === 'POST') return operations.sendMessage;
    if (method === 'GET')
      return query.get('peekonly')?.toLowerCase() === 'true'
        ? operations.peekMessage
        : operations.receiveMessage;
    if (method === 'PUT') return operations.changeVisibility;
    if (method === 'DELETE')
      return query.has('receipthandle') ? operations.deleteMessage : operations.batchDeleteMessage;
  }
  throw new SmqError('InvalidRequestURL');
}

/** An account logs to no bucket and is not traced: there is no such service here. */
async function getAccountAttributes(): Promise<SmqAnswer> {
  const nodes: Node[] = [
    ['LoggingBucket', ''],
    ['TraceEnabled', 'False'],
  ];
  return { status: 200, xml: ['Account', nodes] };
}

/** Takes what is so anyhow. */
async function setAccountAttributes(_deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const root = parseXml(request.body);
  if (root.name !== 'Account') throw wrongElement(root.name);
  const bucket = find(root, 'LoggingBucket')?.text.trim() ?? '';
  const trace = find(root, 'TraceEnabled')?.text.trim().toLowerCase() ?? 'false';
  if (bucket !== '' || trace !== 'false')
    throw new SmqError(
      'UnsupportedOperation',
      'There is no service to log or trace to: LoggingBucket has to be empty and TraceEnabled False.',
    );
  return { status: 204 };
}

async function listQueue({ store }: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const { accountId, origin } = request;
  const limit = parseRange(pageRange, request.header('x-mns-ret-number') ?? '1000');
  const after = Buffer.from(request.header('x-mns-marker') ?? '', 'base64').toString();
  const withMeta = request.header('x-mns-with-meta')?.toLowerCase() === 'true';
  const queues = await store.listQueues(accountId, request.header('x-mns-prefix') ?? '', after, limit + 1);
  const shown = queues.slice(0, limit);
  const nodes = shown.map(async (queue): Promise<Node> => {
    const url: Node = ['QueueURL', `${origin()}/queues/${queue.name}`];
    return [
      'Queue',
      withMeta
        ? [url, ...toQueueNodes(queue, await store.countMessages(queue))]
        : [url, ['QueueName', queue.name]],
    ];
  });
  const last = shown.at(-1);
  const marker: Node[] =
    queues.length > limit && last !== undefined
      ? [['NextMarker', Buffer.from(last.name).toString('base64')]]
      : [];
  return { status: 200, xml: ['Queues', [...(await Promise.all(nodes)), ...marker]] };
}

async function createQueue({ store }: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const name = request.segments[1] ?? '';
  // The service looks at the name before it reads the rest.
  requireQueueName(name);
  const given = request.body.byteLength === 0 ? {} : parseAttributes(parseXml(request.body));
  const outcome = await makeQueue(store, request.accountId, name, given);
  return { status: outcome === 'created' ? 201 : 204, location: `${request.origin()}/queues/${name}` };
}

async function setQueueAttributes({ store }: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const given = request.body.byteLength === 0 ? {} : parseAttributes(parseXml(request.body));
  if (!(await store.setQueueAttributes(request.accountId, request.segments[1] ?? '', given)))
    throw new SmqError('QueueNotExist');
  return { status: 204 };
}

async function getQueueAttributes(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  return { status: 200, xml: ['Queue', toQueueNodes(queue, await deps.store.countMessages(queue))] };
}

async function deleteQueue({ store }: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  await store.deleteQueue(request.accountId, request.segments[1] ?? '');
  return { status: 204 };
}

async function sendMessage(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  const root = parseXml(request.body);
  if (root.name === 'Messages') return sendBatch(deps, request, queue, root.children);
  const [sent] = await send(deps, request, queue, [parseMessage(root, queue)]);
  const handle: Node[] = sent?.handle == null ? [] : [['ReceiptHandle', sent.handle]];
  return { status: 201, messages: 1, xml: ['Message', [...toSentNodes(sent), ...handle]] };
}

/** Sends what is valid of a batch and says of each of the others why it was not. */
async function sendBatch(
  deps: OperationDeps,
  request: SmqRequest,
  queue: Queue,
  elements: readonly Parameters<typeof parseMessage>[0][],
): Promise<SmqAnswer> {
  requireBatch(elements.length, 'messages');
  const parsed = elements.map((element): NewQueueMessage | SmqError => {
    try {
      return parseMessage(element, queue);
    } catch (error) {
      if (error instanceof SmqError) return error;
      if (error instanceof QueueRefusal) return fromQueueRefusal(error);
      throw error;
    }
  });
  const good = parsed.filter((message): message is NewQueueMessage => !(message instanceof SmqError));
  requireBatchSize(good);
  const sent = good.length === 0 ? [] : await send(deps, request, queue, good);
  const results = sent[Symbol.iterator]();
  const nodes = parsed.map((message): Node => [
    'Message',
    message instanceof SmqError ? toFaultNodes(message) : toSentNodes(results.next().value),
  ]);
  const status = good.length === parsed.length ? 201 : deps.settings.batchSendFaultStatus;
  return { status, messages: good.length, xml: ['Messages', nodes] };
}

async function send(
  deps: OperationDeps,
  { requester }: SmqRequest,
  queue: Queue,
  messages: readonly NewQueueMessage[],
): Promise<readonly SentMessage[]> {
  const reserved = deps.messageQuota.reserve(requester, messages.length);
  if (reserved === undefined) return put(deps, queue, messages);
  const reservation = await reserved;
  try {
    return await put(deps, queue, messages);
  } finally {
    reservation.end();
  }
}

async function put(
  { store, now }: OperationDeps,
  queue: Queue,
  messages: readonly NewQueueMessage[],
): Promise<readonly SentMessage[]> {
  const sent = await store.sendMessages(queue, messages, now());
  if (sent !== undefined) return sent;
  // Who empties a queue deletes it and makes it again, and may come here before word of that does from another node.
  const latest = await store.findQueue(queue.accountId, queue.name);
  const again = latest && (await store.sendMessages(latest, messages, now()));
  if (again === undefined) throw new SmqError('QueueNotExist');
  return again;
}

function toSentNodes(sent: { readonly messageId: string; readonly bodyMd5: string } | undefined): Node[] {
  return [
    ['MessageId', sent?.messageId ?? ''],
    ['MessageBodyMD5', sent?.bodyMd5 ?? ''],
  ];
}

function toFaultNodes(error: SmqError): Node[] {
  return [
    ['ErrorCode', error.code],
    ['ErrorMessage', error.message],
  ];
}

async function receiveMessage(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  const { count, isBatch } = parseCount(request);
  const wait = request.query.get('waitseconds');
  const waitSeconds =
    wait === undefined ? queue.attributes.pollingWaitSeconds : parseRange(callRanges.wait, wait);
  const messages = await deps.waiting.receive(queue, count, waitSeconds * 1000, request.caller);
  return toMessages(messages.map(toReceivedNodes), isBatch);
}

async function peekMessage(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  const { count, isBatch } = parseCount(request);
  const messages = await deps.store.peekMessages(queue, count, deps.now());
  return toMessages(messages.map(toPeekedNodes), isBatch);
}

function parseCount({ query }: SmqRequest): { count: number; isBatch: boolean } {
  const text = query.get('numofmessages');
  return text === undefined
    ? { count: 1, isBatch: false }
    : { count: parseRange(callRanges.count, text), isBatch: true };
}

function toMessages(messages: readonly Node[][], isBatch: boolean): SmqAnswer {
  const [first] = messages;
  if (first === undefined) throw new SmqError('MessageNotExist');
  const xml: Node = isBatch
    ? ['Messages', messages.map((nodes): Node => ['Message', nodes])]
    : ['Message', first];
  return { status: 200, xml, messages: messages.length };
}

async function deleteMessage(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  const handle = request.query.get('receipthandle') ?? '';
  if (handle === '') throw new SmqError('MissingReceiptHandle');
  const [fault] = await deps.store.deleteMessages(queue, [handle], deps.now());
  if (fault != null) throw new SmqError(toFaultCode(fault));
  return { status: 204, messages: 1 };
}

async function batchDeleteMessage(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  if (request.body.byteLength === 0) throw new SmqError('MissingReceiptHandle');
  const root = parseXml(request.body);
  if (root.name !== 'ReceiptHandles') throw wrongElement(root.name);
  const handles = root.children.map((child) => {
    if (child.name !== 'ReceiptHandle') throw wrongElement(child.name);
    return child.text.trim();
  });
  requireBatch(handles.length, 'receipt handles');
  const faults = await deps.store.deleteMessages(queue, handles, deps.now());
  const failed = handles.flatMap((handle, index): Node[] => {
    const fault = faults[index];
    if (fault == null) return [];
    const code = toFaultCode(fault);
    const nodes: Node[] = [
      ['ErrorCode', code],
      ['ErrorMessage', smqErrorTable[code].text],
      ['ReceiptHandle', handle],
    ];
    return [['Error', nodes]];
  });
  const messages = handles.length - failed.length;
  return failed.length === 0
    ? { status: 204, messages }
    : { status: deps.settings.batchDeleteFaultStatus, messages, xml: ['Errors', failed] };
}

async function changeVisibility(deps: OperationDeps, request: SmqRequest): Promise<SmqAnswer> {
  const queue = await findQueue(deps, request);
  const handle = request.query.get('receipthandle') ?? '';
  if (handle === '') throw new SmqError('MissingReceiptHandle');
  const text = request.query.get('visibilitytimeout');
  if (text === undefined) throw new SmqError('MissingVisibilityTimeout');
  const seconds = parseRange(queueAttributeRanges.visibilitySeconds, text);
  const changed = await deps.store.changeVisibility(queue, handle, seconds, deps.now());
  if (typeof changed === 'string') throw new SmqError(toFaultCode(changed));
  return {
    status: 200,
    messages: 1,
    xml: [
      'ChangeVisibility',
      [
        ['ReceiptHandle', changed.handle],
        ['NextVisibleTime', changed.nextVisibleAt],
      ],
    ],
  };
}

function toFaultCode(fault: HandleFault): 'MessageNotExist' | 'ReceiptHandleError' {
  return fault === 'stale' ? 'MessageNotExist' : 'ReceiptHandleError';
}

async function findQueue({ directory }: OperationDeps, { accountId, segments }: SmqRequest): Promise<Queue> {
  const queue = await directory.queue(accountId, segments[1] ?? '');
  if (queue === undefined) throw new SmqError('QueueNotExist');
  return queue;
}
