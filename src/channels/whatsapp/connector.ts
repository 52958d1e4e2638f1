// WhatsApp Cloud API (docs/protocols/whatsapp.md). Webhook reference: developers.facebook.com/docs/whatsapp/cloud-api/webhooks.
import type { Channel } from '../../domain/channel.ts';
import type { Route } from '../../domain/receipt.ts';
import type { Client } from '../../http/client.ts';
import type { Connector, ParsedWebhook } from '../channel.ts';
import { Gatherer, toItems, toRemark, toWord } from '../kit/gatherer.ts';
import type { Found, Unread } from '../kit/gatherer.ts';
import { createGraph } from '../kit/graph.ts';
import { answerChallenge, hasSignature, isSigned } from '../kit/app-secret.ts';
import { isObject, toText, tryParseJson } from '../kit/json.ts';
import type { Json } from '../kit/json.ts';
import { Reader } from '../kit/reader.ts';
import { readAudit } from './audits.ts';
import type { EntryOf } from './audits.ts';
import { readCall, readCallStatus } from './calls.ts';
import { check, findSenders, subscribe } from './connect.ts';
import { Contacts } from './contacts.ts';
import { readGroup } from './groups.ts';
import { explainFailure } from './errors.ts';
import { readEcho, readInbound, readPreference, readUserIdUpdate } from './inbound.ts';
import { fetchMedia } from './media.ts';
import { send, show } from './send.ts';
import { readOtherStatus } from './payments.ts';
import { isOfMessage, readStatus } from './statuses.ts';
import { deleteTemplate, fetchTemplate, listTemplates, submitTemplate } from './templates.ts';
import { Uploads } from './media-ids.ts';
import type { Time } from '../../runtime/clock.ts';

interface WhatsappDeps extends Time {
  readonly client: Pick<Client, 'get' | 'request'>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Base of the Graph API without its version. */
  readonly graphUrl: string;
  readonly graphVersion: string;
}

/** Fields that are known and give no receipt: kept raw. */
const keptFields = new Set([
  'account_settings_update',
  'automatic_events',
  'business_capability_update',
  'flows',
  'message_template_components_update',
  'partner_solutions',
  'payment_configuration_update',
  'smb_app_state_sync',
]);

/** Fields that are read where an option of the channel says so, and kept raw otherwise. */
const optionOf: Readonly<Record<string, string>> = {
  history: 'history',
  smb_message_echoes: 'echoes',
  calls: 'calls',
  group_lifecycle_update: 'groups',
  group_participant_update: 'groups',
  group_participants_update: 'groups',
  group_settings_update: 'groups',
  group_status_update: 'groups',
  business_username_update: 'usernames',
  business_username_updates: 'usernames',
};

export function createWhatsappConnector(deps: WhatsappDeps): Connector {
  const { client, now, monotonic, random } = deps;
  const graph = createGraph(deps);
  const uploads = new Uploads({ client, graph, monotonic, random });
  const connecting = { graph, client, monotonic };
  const reviewing = { graph, client, monotonic };
  return {
    challenge: answerChallenge,
    mayBeFrom: hasSignature,
    verify: isSigned,
    parse: (body, channel) => parse(body, channel, now()),
    send: (channel, sender, outgoing) => send({ graph, uploads }, channel, sender, outgoing),
    explainFailure,
    show: (channel, sender, sign) => show({ graph }, channel, sender, sign),
    submitTemplate: (channel, template) => submitTemplate(reviewing, channel, template),
    fetchTemplate: (channel, template) => fetchTemplate(reviewing, channel, template),
    listTemplates: (channel) => listTemplates(reviewing, channel),
    deleteTemplate: (channel, template) => deleteTemplate(reviewing, channel, template),
    check: (channel, senders, webhookUrl) => check(connecting, channel, senders, webhookUrl),
    findSenders: (channel) => findSenders(connecting, channel),
    subscribe: (channel, _senders, webhookUrl) => subscribe(connecting, channel, webhookUrl),
    fetchMedia: (channel, mediaId, sender) => fetchMedia(deps, channel, mediaId, sender),
  };
}

function parse(body: Buffer, { options }: Channel, now: number): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParseJson(body);
  if (root === undefined) gatherer.remark('not_json', '');
  else if (!isObject(root) || !Array.isArray(root['entry'])) gatherer.remark('wrong_shape', '');
  else if (root['object'] !== 'whatsapp_business_account')
    gatherer.remark('unknown_object', toWord(root['object']));
  else readPost(gatherer, new Reader(root), options, now);
  return gatherer;
}

type Options = Channel['options'];

function readPost(gatherer: Gatherer, post: Reader, options: Options, now: number): void {
  post.text('object');
  const entries = post.items('entry');
  if (entries.length === 0) gatherer.remark('not_a_receipt', 'no entries');
  gatherer.around('post', post, () => {
    for (const item of entries) {
      if (isObject(item)) readEntry(gatherer, new Reader(item), options, now);
      else gatherer.remark('wrong_shape', 'entry');
    }
  });
}

function readEntry(gatherer: Gatherer, entry: Reader, options: Options, now: number): void {
  // The WABA, which receipts tell as that of the channel, and when the POST was made.
  const from: EntryOf = {
    wabaId: entry.text('id'),
    time: toText(entry.peek('time')),
    at: entry.time('time'),
  };
  const changes = entry.items('changes');
  if (changes.length === 0) gatherer.remark('wrong_shape', 'entry without changes');
  gatherer.around('entry', entry, () => {
    for (const item of changes) {
      if (isObject(item)) readChange(gatherer, new Reader(item), from, options, now);
      else gatherer.remark('wrong_shape', 'change');
    }
  });
}

function readChange(gatherer: Gatherer, change: Reader, entry: EntryOf, options: Options, now: number): void {
  const field = change.text('field') ?? '';
  const option = Object.hasOwn(optionOf, field) ? optionOf[field] : undefined;
  if (!isObject(change.peek('value'))) gatherer.remark('wrong_shape', toWord(field));
  else if (keptFields.has(field) || (option !== undefined && options[option] !== true))
    gatherer.remark('not_a_receipt', toWord(field));
  else
    gatherer.around('change', change, () => {
      if (Object.hasOwn(readers, field)) {
        const value = change.object('value');
        if (value !== undefined) readers[field]?.(gatherer, value, now, options);
      } else
        gatherer.add(
          change.take('value'),
          'value',
          (value, index) => readAudit(index, entry, field, value, now) ?? toUnknownField(field, value),
        );
    });
}

/** A field that is not known is about something else than messages, unless it has some, or does not say what it is. */
function toUnknownField(field: string, value: Reader): Unread {
  const mayBeMessages =
    field === '' || ['messages', 'message_echoes'].some((name) => value.peek(name) !== undefined);
  return toRemark(mayBeMessages ? 'wrong_shape' : 'unknown_field', toWord(field));
}

type ReadValue = (gatherer: Gatherer, value: Reader, now: number, options: Options) => void;

/** Fields whose values are of a number, each with the reader of its events. */
const readers: Readonly<Record<string, ReadValue>> = {
  messages: readMessages,
  calls: readCalls,
  group_lifecycle_update: readGroups,
  group_participant_update: readGroups,
  group_participants_update: readGroups,
  group_settings_update: readGroups,
  group_status_update: readGroups,
  smb_message_echoes: (gatherer, value, now) =>
    readWithContacts(gatherer, value, ['message_echoes'], (contacts) =>
      readEach(gatherer, value, 'message_echoes', (index, route, echo) =>
        readEcho(index, route, echo, contacts, now),
      ),
    ),
  user_preferences: (gatherer, value, now) =>
    readWithContacts(gatherer, value, ['user_preferences'], (contacts) =>
      readEach(gatherer, value, 'user_preferences', (index, route, preference) =>
        readPreference(index, route, preference, contacts, now),
      ),
    ),
  user_id_update: (gatherer, value, now) =>
    readEach(gatherer, value, 'user_id_update', (index, route, update) =>
      readUserIdUpdate(index, route, update, now),
    ),
  history: readHistory,
};

/** The number that a value is of; undefined where it names none. Its digits are those of the sender that is found by its id. */
function routeOf(value: Reader): Route | undefined {
  const metadata = value.object('metadata');
  const phoneNumberId = metadata?.text('phone_number_id');
  metadata?.text('display_phone_number');
  return phoneNumberId === undefined ? undefined : { by: 'sender', id: phoneNumberId };
}

/** Reads the objects of a list, each as an event of the number that the value names. The list may stand in a part of the value. */
function readEach(
  gatherer: Gatherer,
  value: Reader,
  name: string,
  read: (index: number, route: Route, item: Reader) => Found,
  part: Reader = value,
): void {
  const route = routeOf(value);
  value.skipSame('messaging_product', 'whatsapp');
  const items = part.items(name);
  if (items.length === 0) remarkNone(gatherer, part, `empty ${name}`);
  else if (route === undefined) gatherer.remark('wrong_shape', 'no phone_number_id');
  else for (const item of items) gatherer.add(item, name, (event, index) => read(index, route, event));
}

/** Members of a value that tell of no event by themselves: of a thread its user, and how far the telling of the history has come. */
const frameMembers: ReadonlySet<string> = new Set([
  'messaging_product',
  'metadata',
  'contacts',
  'errors',
  'id',
]);

/** Remarks that there are no events where some should be. What stands there in their place, in another shape, may be anything. */
function remarkNone(gatherer: Gatherer, part: Reader, detail: string): void {
  const odd = Object.keys(part.source).find((name) => !frameMembers.has(name) && !isEmpty(part.peek(name)));
  if (odd === undefined) gatherer.remark('not_a_receipt', detail);
  else gatherer.remark('wrong_shape', toWord(`${detail} beside ${odd}`));
}

function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/**
 * Reads the events of the named lists of a value. What is left of a contact goes with the events that it tells the user of; one that
 * is of none is remarked on.
 */
function readWithContacts(
  gatherer: Gatherer,
  value: Reader,
  lists: readonly string[],
  read: (contacts: Contacts) => void,
  events: readonly Json[] = lists.flatMap((list) => toItems(value.peek(list))),
): void {
  const own = [toText(value.object('metadata')?.peek('display_phone_number'))];
  const contacts = new Contacts(value.apart('contacts'), events, own);
  const before = gatherer.remarks.length;
  read(contacts);
  if (before === gatherer.remarks.length && contacts.all.some(({ isJoined }) => !isJoined))
    gatherer.remark('wrong_shape', 'contact of no event');
}

function readMessages(gatherer: Gatherer, value: Reader, now: number, options: Options): void {
  const messages = toItems(value.peek('messages'));
  const statuses = toItems(value.peek('statuses'));
  if (messages.length + statuses.length === 0) {
    remarkNone(gatherer, value, value.peek('errors') === undefined ? 'empty value' : 'value.errors');
    return;
  }
  readWithContacts(gatherer, value, ['messages', 'statuses'], (contacts) => {
    if (messages.length > 0)
      readEach(gatherer, value, 'messages', (index, route, message) =>
        readInbound(index, route, message, contacts, now),
      );
    if (statuses.length > 0)
      readEach(gatherer, value, 'statuses', (index, route, status) => {
        if (isOfMessage(status)) return readStatus(index, route, status, contacts, now);
        if (status.peek('type') !== 'call') return readOtherStatus(index, route, status, contacts, now);
        return options['calls'] === true
          ? readCallStatus(index, route, status, contacts, now)
          : toRemark('not_a_receipt', 'status of a call');
      });
  });
}

/** Calls, and statuses of calls; a status of anything else does not belong here, and is told as it came. */
function readCalls(gatherer: Gatherer, value: Reader, now: number): void {
  const ownNumber = toText(value.object('metadata')?.peek('display_phone_number'))?.replace(/\D/g, '');
  const [calls, statuses] = [toItems(value.peek('calls')), toItems(value.peek('statuses'))];
  if (calls.length + statuses.length === 0) remarkNone(gatherer, value, 'empty calls');
  // What went wrong with a call stands beside it.
  const beside = { ownNumber, errors: calls.length === 0 ? undefined : value.take('errors') };
  readWithContacts(gatherer, value, ['calls', 'statuses'], (contacts) => {
    if (calls.length > 0)
      readEach(gatherer, value, 'calls', (index, route, call) =>
        readCall(index, route, call, contacts, now, beside),
      );
    if (statuses.length > 0)
      readEach(gatherer, value, 'statuses', (index, route, status) =>
        status.peek('type') === undefined || status.peek('type') === 'call'
          ? readCallStatus(index, route, status, contacts, now)
          : readOtherStatus(index, route, status, contacts, now),
      );
  });
}

function readGroups(gatherer: Gatherer, value: Reader, now: number): void {
  readEach(gatherer, value, 'groups', (index, route, group) => readGroup(index, route, group, now));
}

/** Chats from before the number was connected: what names its recipient was written by the business. */
function readHistory(gatherer: Gatherer, value: Reader, now: number): void {
  const chunks = value.apart('history').map((chunk) => ({ chunk, threads: chunk.apart('threads') }));
  if (chunks.length === 0) remarkNone(gatherer, value, 'history without threads');
  const messages = chunks.flatMap(({ threads }) =>
    threads.flatMap((thread) => toItems(thread.peek('messages'))),
  );
  const readChunks = (contacts: Contacts): void => {
    for (const { chunk, threads } of chunks) {
      // How far the telling has come.
      chunk.skip('metadata');
      if (threads.length === 0) remarkNone(gatherer, chunk, 'history without threads');
      gatherer.around('history', chunk, () => {
        for (const thread of threads)
          gatherer.around('thread', thread, () => readThread(gatherer, value, thread, contacts, now));
      });
    }
  };
  readWithContacts(gatherer, value, ['history'], readChunks, messages);
}

function readThread(
  gatherer: Gatherer,
  value: Reader,
  thread: Reader,
  contacts: Contacts,
  now: number,
): void {
  // The user, whom each message names.
  thread.text('id');
  const read = (index: number, route: Route, message: Reader): ReturnType<typeof readInbound> => {
    const isOwn = message.peek('to') !== undefined || message.peek('to_user_id') !== undefined;
    const found = (isOwn ? readEcho : readInbound)(index, route, message, contacts, now);
    if ('reason' in found || found.facts.type !== 'ChatAppInbound') return found;
    return { ...found, facts: { ...found.facts, history: true } };
  };
  readEach(gatherer, value, 'messages', read, thread);
}
