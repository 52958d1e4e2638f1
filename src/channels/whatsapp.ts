// WhatsApp Cloud API (channels 2). Webhook reference: developers.facebook.com/docs/whatsapp/cloud-api/webhooks.
import type { Channel } from '../domain/channel.ts';
import type { Route } from '../domain/receipt.ts';
import type { Client } from '../http/client.ts';
import type { Connector, ParsedWebhook } from './channel.ts';
import { Gatherer, noObject, toItems, toWord, tryParse } from './gatherer.ts';
import { createGraph } from './graph.ts';
import { answerChallenge, hasSignature, isObject, isSigned, toObjects, toText } from './meta.ts';
import type { Json, JsonObject } from './meta.ts';
import { readAudit } from './whatsapp-audits.ts';
import { check, findSenders, subscribe } from './whatsapp-connect.ts';
import { readEcho, readInbound, readPreference, readUserIdUpdate } from './whatsapp-inbound.ts';
import { fetchMedia } from './whatsapp-media.ts';
import { send, show } from './whatsapp-send.ts';
import { readStatus } from './whatsapp-statuses.ts';
import { deleteTemplate, fetchTemplate, submitTemplate } from './whatsapp-templates.ts';
import { createUploads } from './whatsapp-uploads.ts';

export interface WhatsappDeps {
  readonly client: Pick<Client, 'get' | 'request'>;
  readonly now: () => number;
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
  'business_username_update',
  'business_username_updates',
  'calls',
  'flows',
  'group_lifecycle_update',
  'group_participant_update',
  'group_participants_update',
  'group_settings_update',
  'group_status_update',
  'message_template_components_update',
  'partner_solutions',
  'payment_configuration_update',
  'smb_app_state_sync',
]);

/** Fields that are read where an option of the channel says so, and kept raw otherwise. */
const optionOf: Readonly<Record<string, string>> = { history: 'history', smb_message_echoes: 'echoes' };

export function createWhatsappConnector(deps: WhatsappDeps): Connector {
  const { client, now, random } = deps;
  const graph = createGraph(deps);
  const uploads = createUploads({ client, graph, now, random });
  const connecting = { graph, client };
  const reviewing = { graph, client };
  return {
    challenge: answerChallenge,
    mayBeFrom: hasSignature,
    verify: isSigned,
    parse: (body, channel) => parse(body, channel, now()),
    send: (channel, sender, outgoing) => send({ graph, uploads }, channel, sender, outgoing),
    show: (channel, sender, sign) => show({ graph }, channel, sender, sign),
    submitTemplate: (channel, template) => submitTemplate(reviewing, channel, template),
    fetchTemplate: (channel, template) => fetchTemplate(reviewing, channel, template),
    deleteTemplate: (channel, template) => deleteTemplate(reviewing, channel, template),
    check: (channel, senders, webhookUrl) => check(connecting, channel, senders, webhookUrl),
    findSenders: (channel) => findSenders(connecting, channel),
    subscribe: (channel, _senders, webhookUrl) => subscribe(connecting, channel, webhookUrl),
    fetchMedia: (channel, mediaId, sender) => fetchMedia(deps, channel, mediaId, sender),
  };
}

function parse(body: Buffer, { options }: Channel, now: number): ParsedWebhook {
  const gatherer = new Gatherer();
  const root = tryParse(body);
  if (root === undefined) gatherer.remark('not_json', '');
  else if (!isObject(root) || !Array.isArray(root['entry'])) gatherer.remark('wrong_shape', '');
  else if (root['object'] !== 'whatsapp_business_account')
    gatherer.remark('unknown_object', toWord(root['object']));
  else if (toItems(root['entry']).length === 0) gatherer.remark('not_a_receipt', 'no entries');
  else
    for (const entry of root['entry'] as readonly Json[]) {
      if (isObject(entry)) readEntry(gatherer, entry, options, now);
      else gatherer.add(() => noObject('entry'));
    }
  return gatherer;
}

function readEntry(gatherer: Gatherer, entry: JsonObject, options: Channel['options'], now: number): void {
  const changes = toItems(entry['changes']);
  if (changes.length === 0) gatherer.remark('wrong_shape', 'entry without changes');
  for (const change of changes) {
    if (!isObject(change)) {
      gatherer.add(() => noObject('change'));
      continue;
    }
    const field = toText(change['field']) ?? '';
    const value = change['value'];
    const option = Object.hasOwn(optionOf, field) ? optionOf[field] : undefined;
    if (!isObject(value)) gatherer.remark('wrong_shape', toWord(field));
    else if (keptFields.has(field) || (option !== undefined && options[option] !== true))
      gatherer.remark('not_a_receipt', toWord(field));
    else if (Object.hasOwn(readers, field)) readers[field]?.(gatherer, value, now);
    else
      gatherer.add(
        (index) =>
          readAudit(index, entry, field, value, now) ?? { reason: 'unknown_field', detail: toWord(field) },
      );
  }
}

/** Fields whose values are of a number, each with the reader of its events. */
const readers: Readonly<Record<string, (gatherer: Gatherer, value: JsonObject, now: number) => void>> = {
  messages: readMessages,
  smb_message_echoes: (gatherer, value, now) => {
    const contacts = toObjects(value['contacts']);
    readEach(gatherer, value, 'message_echoes', (index, route, echo) =>
      readEcho(index, route, echo, contacts, now),
    );
  },
  user_preferences: (gatherer, value, now) => {
    const contacts = toObjects(value['contacts']);
    readEach(gatherer, value, 'user_preferences', (index, route, preference) =>
      readPreference(index, route, preference, contacts, now),
    );
  },
  user_id_update: (gatherer, value, now) =>
    readEach(gatherer, value, 'user_id_update', (index, route, update) =>
      readUserIdUpdate(index, route, update, now),
    ),
  history: readHistory,
};

function routeOf(value: JsonObject): Route | undefined {
  const metadata = value['metadata'];
  const phoneNumberId = isObject(metadata) ? toText(metadata['phone_number_id']) : undefined;
  return phoneNumberId === undefined ? undefined : { by: 'sender', id: phoneNumberId };
}

/** Reads the objects of a list of a value, each as an event of the number that the value names. */
function readEach(
  gatherer: Gatherer,
  value: JsonObject,
  name: string,
  read: (index: number, route: Route, item: JsonObject) => ReturnType<typeof readInbound>,
): void {
  const route = routeOf(value);
  const items = toItems(value[name]);
  if (items.length === 0) gatherer.remark('not_a_receipt', `empty ${name}`);
  else if (route === undefined) gatherer.remark('wrong_shape', 'no phone_number_id');
  else
    for (const item of items)
      gatherer.add((index) => (isObject(item) ? read(index, route, item) : noObject(name)));
}

function readMessages(gatherer: Gatherer, value: JsonObject, now: number): void {
  const messages = toItems(value['messages']);
  const statuses = toItems(value['statuses']);
  if (messages.length + statuses.length === 0) {
    gatherer.remark('not_a_receipt', value['errors'] === undefined ? 'empty value' : 'value.errors');
    return;
  }
  const contacts = toObjects(value['contacts']);
  if (messages.length > 0)
    readEach(gatherer, value, 'messages', (index, route, message) =>
      readInbound(index, route, message, contacts, now),
    );
  if (statuses.length > 0)
    readEach(gatherer, value, 'statuses', (index, route, status) =>
      readStatus(index, route, status, contacts, now),
    );
}

/** Chats from before the number was connected: what names its recipient was written by the business. */
function readHistory(gatherer: Gatherer, value: JsonObject, now: number): void {
  const threads = toObjects(value['history']).flatMap((chunk) => toObjects(chunk['threads']));
  if (threads.length === 0) gatherer.remark('not_a_receipt', 'history without threads');
  const contacts = toObjects(value['contacts']);
  for (const { messages } of threads)
    readEach(gatherer, { ...value, messages }, 'messages', (index, route, message) => {
      const isOwn = message['to'] !== undefined || message['to_user_id'] !== undefined;
      const read = (isOwn ? readEcho : readInbound)(index, route, message, contacts, now);
      if ('reason' in read || read.facts.type !== 'ChatAppInbound') return read;
      return { ...read, facts: { ...read.facts, history: true } };
    });
}
