// Looks whether a WhatsApp channel can work, and connects it: token, app, subscription, numbers (docs/protocols/whatsapp.md).
import type { Channel, Sender, SenderVerification } from '../../domain/channel.ts';
import { checked } from '../../domain/findings.ts';
import type { CheckCode, CheckName, Finding } from '../../domain/findings.ts';
import type { Client } from '../../http/client.ts';
import { checkCallback, readAppWebhook } from '../kit/app-webhooks.ts';
import type { ChannelFault, Check, FoundSender } from '../channel.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { isAboutProof, withSuccess } from '../kit/graph.ts';
import type { Graph, GraphAnswer } from '../kit/graph.ts';
import { cutShort, listAll } from '../kit/graph-lists.ts';
import type { Listed } from '../kit/graph-lists.ts';
import { isObject, toText, toTime } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import { ask } from './authorized-call.ts';
import { toMeaning } from './errors.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

interface ConnectDeps extends Stopwatch {
  readonly graph: Graph;
  readonly client: Pick<Client, 'request'>;
}

const permissions = ['whatsapp_business_messaging', 'whatsapp_business_management'];

/** Says of everything that has to be right whether it is, and what to do where not. Never throws. */
export async function check(
  deps: ConnectDeps,
  channel: Channel,
  senders: readonly Sender[],
  webhookUrl: string,
): Promise<readonly Check[]> {
  const token = await readToken(deps, channel);
  if ('code' in token) return [bad('token', token)];
  const checks = [checkToken(token), checkPermissions(token)];
  const [secret, callback, subscription, numbers] = await Promise.all([
    checkSecret(deps, channel),
    checkCallback(deps.client, channel, webhookUrl),
    checkSubscription(deps, channel, token.appId, webhookUrl),
    checkNumbers(deps, channel, senders),
  ]);
  return [...checks, secret, callback, ...subscription, ...numbers];
}

/** The numbers of the channel's WABA. Never throws. */
export async function findSenders(
  deps: ConnectDeps,
  channel: Channel,
): Promise<readonly FoundSender[] | ChannelFault> {
  const numbers = await listNumbers(deps, channel);
  if (numbers.kind !== 'ok') return toFault(numbers);
  return numbers.items.flatMap((number): FoundSender[] => {
    const id = toText(number['display_phone_number'])?.replace(/\D/g, '') ?? '';
    const routeId = toText(number['id']);
    if (routeId === undefined || id === '') return [];
    const name = toText(number['verified_name']) ?? id;
    return [{ id, type: 'whatsapp', name, routeId, verification: toVerification(number) }];
  });
}

/**
 * What Meta says of a number. The code that proved it may have expired since; a number that has been connected stays so.
 * https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status/
 */
function toVerification(number: JsonObject): SenderVerification {
  const code = toText(number['code_verification_status']);
  if (code === 'VERIFIED' || toText(number['status']) === 'CONNECTED') return 'verified';
  if (code === 'EXPIRED') return 'failed';
  return code === 'NOT_VERIFIED' ? 'pending' : 'unknown';
}

/** Has the events of the WABA posted to `webhookUrl`, whatever the app's own callback is. Never throws. */
export async function subscribe(
  deps: ConnectDeps,
  channel: Channel,
  webhookUrl: string,
): Promise<ChannelFault | null> {
  const asked = await ask(deps, channel, {
    method: 'POST',
    path: [channel.wabaId ?? '', 'subscribed_apps'],
    body: { override_callback_uri: webhookUrl, verify_token: channel.credentials['verifyToken'] ?? '' },
  });
  const answer = withSuccess(asked);
  return answer.kind === 'ok' ? null : toFault(answer);
}

interface Token {
  readonly appId: string;
  readonly scopes: readonly string[];
  readonly endsAt: number | null;
}

async function readToken(deps: ConnectDeps, channel: Channel): Promise<Token | Finding<CheckCode>> {
  const token = channel.credentials['accessToken'] ?? '';
  if (token === '') return checked('token_absent', {});
  const answer = await ask(deps, channel, {
    method: 'GET',
    path: ['debug_token'],
    query: { input_token: token },
  });
  if (answer.kind !== 'ok') return toFinding(answer);
  const data = isObject(answer.body['data']) ? answer.body['data'] : {};
  if (data['is_valid'] !== true) {
    const error = isObject(data['error']) ? toText(data['error']['message']) : undefined;
    return error === undefined
      ? checked('token_invalid', {})
      : checked('token_invalid_said', { said: error });
  }
  const scopes = Array.isArray(data['scopes']) ? data['scopes'].map(String) : [];
  const ends = [data['expires_at'], data['data_access_expires_at']].flatMap((time) => toTime(time) ?? []);
  const endsAt = ends.filter((time) => time > 0);
  return {
    appId: toText(data['app_id']) ?? '',
    scopes,
    endsAt: endsAt.length === 0 ? null : Math.min(...endsAt),
  };
}

function checkToken({ endsAt }: Token): Check {
  if (endsAt === null) return good('token', checked('token_endless', {}));
  const end = new Date(endsAt).toISOString().slice(0, 10);
  return { ...good('token', checked('token_until', { end })), endsAt };
}

function checkPermissions({ scopes }: Token): Check {
  const absent = permissions.filter((permission) => !scopes.includes(permission));
  return absent.length === 0
    ? good('permissions', checked('permissions_there', {}))
    : bad(
        'permissions',
        checked('permissions_missing', { missing: absent.join(', '), needed: permissions.join(', ') }),
      );
}

/** A call with the proof of the secret fails when the secret is not that of the token's app. */
async function checkSecret(deps: ConnectDeps, channel: Channel): Promise<Check> {
  const { appSecret, accessToken } = channel.credentials;
  if (appSecret === undefined) return bad('appSecret', checked('app_secret_absent', {}));
  const answer = await deps.graph({
    method: 'GET',
    path: [channel.wabaId ?? ''],
    query: { fields: 'id' },
    token: accessToken ?? '',
    appSecret,
  });
  if (answer.kind === 'ok') return good('appSecret', checked('app_secret_right', {}));
  if (answer.kind === 'refused' && isAboutProof(answer.error))
    return bad('appSecret', checked('app_secret_wrong', {}));
  return bad('appSecret', toFinding(answer));
}

async function checkSubscription(
  deps: ConnectDeps,
  channel: Channel,
  appId: string,
  webhookUrl: string,
): Promise<readonly Check[]> {
  const name = 'webhook';
  const path = [channel.wabaId ?? '', 'subscribed_apps'];
  const apps = await listAll({
    monotonic: deps.monotonic,
    ask: (query) => ask(deps, channel, { method: 'GET', path, query }),
    pick: (app) => {
      const data = app['whatsapp_business_api_data'];
      return isObject(data) && toText(data['id']) === appId ? app : undefined;
    },
    isEnough: (found) => found.length > 0,
  });
  if (apps.kind !== 'ok') return [bad(name, toFinding(apps))];
  const [own] = apps.items;
  if (own === undefined && !apps.isWhole) return [bad(name, checked('vendor_silent', { said: cutShort }))];
  if (own === undefined) return [bad(name, checked('waba_unsubscribed', {}))];
  const override = toText(own['override_callback_uri']);
  if (override !== undefined && override !== webhookUrl) return [bad(name, checked('waba_elsewhere', {}))];
  const { appSecret = '' } = channel.credentials;
  const app = await readAppWebhook(deps, { appId, appSecret }, 'whatsapp_business_account');
  // Without an override the events go where the app says.
  if (override === undefined && app === undefined) return [bad(name, checked('waba_uncertain', {}))];
  if (override === undefined && app?.callbackUrl !== webhookUrl)
    return [bad(name, checked('waba_app_elsewhere', {}))];
  const subscribed = good(name, checked('waba_subscribed', {}));
  // Which fields are posted at all is the app's to say, also where a WABA has an address of its own.
  if (app === undefined) return [subscribed];
  const place = 'App Dashboard, WhatsApp, Configuration';
  const absent = askedFields(channel).filter((field) => !app.fields.includes(field));
  return [
    subscribed,
    ...(app.fields.includes('messages') ? [] : [bad('fields', checked('app_field_missing', { place }))]),
    ...(absent.length === 0
      ? []
      : [bad('fields', checked('app_fields_missing', { fields: absent.join(', '), place }))]),
  ];
}

/** The fields without which an option that is set gives nothing. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  echoes: ['smb_message_echoes'],
  history: ['history'],
  calls: ['calls'],
  groups: [
    'group_lifecycle_update',
    'group_participants_update',
    'group_settings_update',
    'group_status_update',
  ],
  usernames: ['business_username_updates'],
};

function askedFields({ options }: Channel): readonly string[] {
  return Object.entries(fieldsOf).flatMap(([option, fields]) => (options[option] === true ? fields : []));
}

async function checkNumbers(
  deps: ConnectDeps,
  channel: Channel,
  senders: readonly Sender[],
): Promise<readonly Check[]> {
  const numbers = await listNumbers(deps, channel);
  if (numbers.kind !== 'ok') return [bad('numbers', toFinding(numbers))];
  return senders.map((sender) => {
    const name = `number ${sender.id}` as const;
    const { routeId } = sender;
    const found = numbers.items.find((number) => toText(number['id']) === routeId);
    if (found === undefined && !numbers.isWhole)
      return bad(name, checked('vendor_silent', { said: cutShort }));
    if (found === undefined) return bad(name, checked('number_unknown', { routeId }));
    const digits = toText(found['display_phone_number'])?.replace(/\D/g, '');
    if (digits === undefined) return bad(name, checked('number_nameless', { routeId }));
    if (digits !== sender.id) return bad(name, checked('number_other', { routeId, number: digits }));
    const status = toText(found['status']) ?? 'CONNECTED';
    const check =
      status === 'CONNECTED'
        ? good(name, checked('number_connected', {}))
        : bad(name, checked('number_unwell', { status }));
    return { ...check, verified: { senderId: sender.id, verification: toVerification(found) } };
  });
}

function listNumbers(deps: ConnectDeps, channel: Channel): Promise<Listed<JsonObject>> {
  const path = [channel.wabaId ?? '', 'phone_numbers'];
  return listAll({
    monotonic: deps.monotonic,
    ask: (query) => ask(deps, channel, { method: 'GET', path, query }),
    query: {
      fields: 'id,display_phone_number,verified_name,quality_rating,status,code_verification_status',
      limit: '100',
    },
    pick: (number) => number,
  });
}

type NoAnswer = Exclude<GraphAnswer, { kind: 'ok' }>;

function toFault(answer: NoAnswer): ChannelFault {
  if (answer.kind !== 'refused') return { fault: 'later', reason: answer.text };
  if (isAboutProof(answer.error))
    return { fault: 'auth', reason: checked('proof_refused', { said: answer.error.text }).text };
  return { fault: toFaultKind(toMeaning(answer.error)?.failure), reason: answer.error.text };
}

/** What is wrong and what to do, when a check was not answered as it should be. */
function toFinding(answer: NoAnswer): Finding<CheckCode> {
  if (answer.kind !== 'refused') return checked('vendor_silent', { said: answer.text });
  const said = answer.error.text;
  if (isAboutProof(answer.error)) return checked('proof_refused', { said });
  const { fault } = toFault(answer);
  if (fault === 'auth') return checked('token_refused', { said });
  return checked(fault === 'later' ? 'vendor_silent' : 'waba_refused', { said });
}

function good(name: CheckName, finding: Finding<CheckCode>): Check {
  return { name, ok: true, ...finding };
}

function bad(name: CheckName, finding: Finding<CheckCode>): Check {
  return { name, ok: false, ...finding };
}
