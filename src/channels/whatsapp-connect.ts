// Looks whether a WhatsApp channel can work, and connects it: token, app, subscription, numbers (channels 2.1).
import type { Channel, Sender, SenderVerification } from '../domain/channel.ts';
import type { Client } from '../http/client.ts';
import { checkCallback, readAppWebhook } from './app-webhooks.ts';
import type { ChannelFault, Check, FoundSender } from './channel.ts';
import { isAboutProof } from './graph.ts';
import type { Graph, GraphAnswer, GraphCall } from './graph.ts';
import { isObject, proofOf, toObjects, toText, toTime } from './meta.ts';
import type { JsonObject } from './meta.ts';
import { toMeaning } from './whatsapp-errors.ts';

export interface ConnectDeps {
  readonly graph: Graph;
  readonly client: Pick<Client, 'request'>;
}

const permissions = ['whatsapp_business_messaging', 'whatsapp_business_management'];
const maxPages = 20;

/** Says of everything that has to be right whether it is, and what to do where not. Never throws. */
export async function check(
  deps: ConnectDeps,
  channel: Channel,
  senders: readonly Sender[],
  webhookUrl: string,
): Promise<readonly Check[]> {
  const token = await readToken(deps, channel);
  if ('fault' in token) return [bad('token', `${token.reason} ${adviceOf(token.fault)}`)];
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
  if ('fault' in numbers) return numbers;
  return numbers.list.flatMap((number): FoundSender[] => {
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
  const answer = await ask(deps, channel, {
    method: 'POST',
    path: [channel.wabaId ?? '', 'subscribed_apps'],
    body: { override_callback_uri: webhookUrl, verify_token: channel.credentials['verifyToken'] ?? '' },
  });
  return answer.kind === 'ok' ? null : toFault(answer);
}

interface Token {
  readonly appId: string;
  readonly scopes: readonly string[];
  readonly endsAt: number | null;
}

async function readToken(deps: ConnectDeps, channel: Channel): Promise<Token | ChannelFault> {
  const token = channel.credentials['accessToken'] ?? '';
  if (token === '') return { fault: 'auth', reason: 'The channel has no accessToken.' };
  const answer = await ask(deps, channel, {
    method: 'GET',
    path: ['debug_token'],
    query: { input_token: token },
  });
  if (answer.kind !== 'ok') return toFault(answer);
  const data = isObject(answer.body['data']) ? answer.body['data'] : {};
  if (data['is_valid'] !== true) {
    const error = isObject(data['error']) ? toText(data['error']['message']) : undefined;
    return {
      fault: 'auth',
      reason: `The access token is not valid${error === undefined ? '' : `: ${error}`}.`,
    };
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
  if (endsAt === null) return good('token', 'Meta takes the access token; it does not expire.');
  const end = new Date(endsAt).toISOString().slice(0, 10);
  const text = `Meta takes the access token until ${end}. One of a system user need not expire.`;
  return { name: 'token', ok: true, text, endsAt };
}

function checkPermissions({ scopes }: Token): Check {
  const absent = permissions.filter((permission) => !scopes.includes(permission));
  return absent.length === 0
    ? good('permissions', 'The token has the permissions that are needed.')
    : bad(
        'permissions',
        `The token lacks ${absent.join(' and ')}. Make a token with ${permissions.join(' and ')}.`,
      );
}

/** A call with the proof of the secret fails when the secret is not that of the token's app. */
async function checkSecret(deps: ConnectDeps, channel: Channel): Promise<Check> {
  const { appSecret, accessToken } = channel.credentials;
  if (appSecret === undefined)
    return bad('appSecret', 'The channel has no appSecret, so no webhook can be verified.');
  const answer = await deps.graph({
    method: 'GET',
    path: [channel.wabaId ?? ''],
    query: { fields: 'id' },
    token: accessToken ?? '',
    appSecret,
  });
  if (answer.kind === 'ok') return good('appSecret', "The app secret is that of the token's app.");
  if (answer.kind === 'refused' && isAboutProof(answer.error))
    return bad(
      'appSecret',
      "The app secret is not that of the token's app. Copy it from App settings, Basic.",
    );
  const fault = toFault(answer);
  return bad('appSecret', `It cannot be tried: ${fault.reason} ${adviceOf(fault.fault)}`);
}

async function checkSubscription(
  deps: ConnectDeps,
  channel: Channel,
  appId: string,
  webhookUrl: string,
): Promise<readonly Check[]> {
  const name = 'webhook';
  const answer = await ask(deps, channel, { method: 'GET', path: [channel.wabaId ?? '', 'subscribed_apps'] });
  if (answer.kind !== 'ok') {
    const fault = toFault(answer);
    return [bad(name, `${fault.reason} ${adviceOf(fault.fault)}`)];
  }
  const own = toObjects(answer.body['data']).find((app) => {
    const data = app['whatsapp_business_api_data'];
    return isObject(data) && toText(data['id']) === appId;
  });
  if (own === undefined)
    return [bad(name, 'The app is not subscribed to the WABA, so no event comes. Subscribe the channel.')];
  const override = toText(own['override_callback_uri']);
  if (override !== undefined && override !== webhookUrl)
    return [bad(name, 'The events of the WABA are posted to another address. Subscribe the channel.')];
  const { appSecret = '' } = channel.credentials;
  const app = await readAppWebhook(deps.graph, { appId, appSecret }, 'whatsapp_business_account');
  // Without an override the events go where the app says.
  if (override === undefined && app === undefined)
    return [
      bad(name, 'The app is subscribed, and its callback cannot be read. Subscribe the channel to be sure.'),
    ];
  if (override === undefined && app?.callbackUrl !== webhookUrl)
    return [bad(name, 'The app posts its WhatsApp events to another address. Subscribe the channel.')];
  const subscribed = good(name, 'The events of the WABA come here.');
  // Which fields are posted at all is the app's to say, also where a WABA has an address of its own.
  if (app === undefined || app.fields.includes('messages')) return [subscribed];
  const advice = 'Tick it in App Dashboard, WhatsApp, Configuration.';
  return [subscribed, bad('fields', `The app does not have the field messages posted. ${advice}`)];
}

async function checkNumbers(
  deps: ConnectDeps,
  channel: Channel,
  senders: readonly Sender[],
): Promise<readonly Check[]> {
  const numbers = await listNumbers(deps, channel);
  if ('fault' in numbers) return [bad('numbers', `${numbers.reason} ${adviceOf(numbers.fault)}`)];
  return senders.map((sender) => {
    const name = `number ${sender.id}`;
    const found = numbers.list.find((number) => toText(number['id']) === sender.routeId);
    if (found === undefined)
      return bad(
        name,
        `The WABA has no number with the id ${sender.routeId}. Look the id up with findSenders.`,
      );
    const digits = toText(found['display_phone_number'])?.replace(/\D/g, '');
    if (digits !== sender.id)
      return bad(name, `The id ${sender.routeId} is that of ${digits ?? 'another number'}.`);
    const status = toText(found['status']) ?? 'CONNECTED';
    const check =
      status === 'CONNECTED'
        ? good(name, 'It is connected.')
        : bad(name, `Meta says of it: ${status}. Look at WhatsApp Manager, Phone numbers.`);
    return { ...check, verified: { senderId: sender.id, verification: toVerification(found) } };
  });
}

async function listNumbers(
  deps: ConnectDeps,
  channel: Channel,
): Promise<{ readonly list: readonly JsonObject[] } | ChannelFault> {
  const list: JsonObject[] = [];
  let after = '';
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await ask(deps, channel, {
      method: 'GET',
      path: [channel.wabaId ?? '', 'phone_numbers'],
      query: {
        fields: 'id,display_phone_number,verified_name,quality_rating,status,code_verification_status',
        limit: '100',
        ...(after === '' ? {} : { after }),
      },
    });
    if (answer.kind !== 'ok') return toFault(answer);
    list.push(...toObjects(answer.body['data']));
    const paging = isObject(answer.body['paging']) ? answer.body['paging'] : {};
    const cursors = isObject(paging['cursors']) ? paging['cursors'] : {};
    after = paging['next'] === undefined ? '' : (toText(cursors['after']) ?? '');
    if (after === '') break;
  }
  return { list };
}

function ask({ graph }: ConnectDeps, channel: Channel, call: Omit<GraphCall, 'token'>): Promise<GraphAnswer> {
  return graph({ ...call, token: channel.credentials['accessToken'] ?? '', ...proofOf(channel) });
}

function toFault(answer: Exclude<GraphAnswer, { kind: 'ok' }>): ChannelFault {
  if (answer.kind !== 'refused') return { fault: 'later', reason: answer.text };
  const failure = toMeaning(answer.error)?.failure ?? 'transient';
  if (isAboutProof(answer.error))
    return {
      fault: 'auth',
      reason: `${answer.error.text}. Look at appSecret, and set the option appSecretProof where the app wants the proof.`,
    };
  if (failure === 'auth') return { fault: 'auth', reason: answer.error.text };
  return {
    fault: failure === 'transient' || failure === 'throttle' ? 'later' : 'refused',
    reason: answer.error.text,
  };
}

function adviceOf(fault: ChannelFault['fault']): string {
  if (fault === 'auth') return 'Put a new accessToken of a system user who may use the WABA.';
  return fault === 'later' ? 'Try again later.' : 'Look at the wabaId of the channel.';
}

function good(name: string, text: string): Check {
  return { name, ok: true, text };
}

function bad(name: string, text: string): Check {
  return { name, ok: false, text };
}
