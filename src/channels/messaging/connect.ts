// Whether a Messenger or Instagram channel works, which senders it has, and its subscription (docs/protocols/messenger-instagram.md).
import type { Channel, Sender } from '../../domain/channel.ts';
import { checked } from '../../domain/findings.ts';
import type { CheckCode, Finding } from '../../domain/findings.ts';
import type { Client } from '../../http/client.ts';
import { checkCallback, readAppWebhook } from '../kit/app-webhooks.ts';
import type { ChannelFault, Check, FoundSender, RenewedToken } from '../channel.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { isAboutProof, withSuccess } from '../kit/graph.ts';
import type { Graph, GraphAnswer } from '../kit/graph.ts';
import { isObject, toText, toTime } from '../kit/json.ts';
import type { Json, JsonObject } from '../kit/json.ts';
import { isInstagramLogin, isPageToken } from './accounts.ts';
import type { Accounts } from './accounts.ts';
import { toFailureClass } from './errors.ts';
import type { Time } from '../../runtime/clock.ts';

type Type = 'messenger' | 'instagram';

interface MessagingConnectDeps extends Time {
  readonly type: Type;
  readonly accounts: Accounts;
  readonly graph: Graph;
  readonly client: Pick<Client, 'request'>;
}

/** What was found of a token, and the app that it is of, where the platform tells. */
interface CheckedToken {
  readonly checks: Check[];
  readonly appId?: string;
}

/** Every field that becomes a receipt. */
const pageFields = [
  'messages',
  'message_echoes',
  'message_deliveries',
  'message_reads',
  'message_edits',
  'message_reactions',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_optins',
  'messaging_handovers',
  'messaging_account_linking',
  'messaging_policy_enforcement',
  'messaging_feedback',
  'response_feedback',
  'send_cart',
  'standby',
  'messenger_template_status_update',
];
const instagramFields = [
  'messages',
  'message_reactions',
  'messaging_postbacks',
  'messaging_referral',
  'messaging_seen',
  'message_edit',
  'messaging_handover',
  'standby',
];
/** Fields of an Instagram account that are posted where the channel's options ask for them. */
const instagramFieldsOf: Readonly<Record<string, readonly string[]>> = {
  comments: ['comments', 'live_comments'],
  mentions: ['mentions'],
};
/** Of an Instagram account by Facebook's login, the app is subscribed to the Page; its fields are those of the app. */
const linkedPageFields = ['messages', 'messaging_postbacks', 'message_reactions'];

/** Without these nothing, or nothing of what became of messages, arrives. */
const neededFields: Readonly<Record<Type, readonly string[]>> = {
  messenger: ['messages', 'message_deliveries', 'message_reads', 'message_echoes', 'messaging_postbacks'],
  instagram: ['messages'],
};

/** What a token of Facebook login has to be allowed; one of Instagram login does not tell what it is. */
const neededScopes: Readonly<Record<Type, readonly string[]>> = {
  messenger: ['pages_messaging', 'pages_manage_metadata'],
  instagram: ['instagram_manage_messages', 'pages_manage_metadata'],
};

const permissions: Readonly<Record<Type, string>> = {
  messenger: 'pages_messaging + pages_manage_metadata',
  instagram: 'instagram_manage_messages + pages_manage_metadata / instagram_business_manage_messages',
};

/** Whether the token works, the webhook is the right one and each sender is subscribed. */
export async function check(
  deps: MessagingConnectDeps,
  channel: Channel,
  senders: readonly Sender[],
  webhookUrl: string,
): Promise<readonly Check[]> {
  // Asked with none, Meta says that it expired; that there is none is told already.
  if (channel.credentials['accessToken'] === undefined)
    return [await checkCallback(deps.client, channel, webhookUrl)];
  const { checks, appId } = await checkToken(deps, channel);
  if (checks.some(({ name, ok }) => name === 'token' && !ok)) return checks;
  checks.push(await checkCallback(deps.client, channel, webhookUrl));
  if (appId !== undefined) checks.push(...(await checkApp(deps, channel, appId, webhookUrl)));
  for (const sender of senders) checks.push(await checkSubscription(deps, channel, sender));
  return checks;
}

/** The Pages or professional accounts that the token speaks for. */
export async function findSenders(
  deps: MessagingConnectDeps,
  channel: Channel,
): Promise<readonly FoundSender[] | ChannelFault> {
  const { type } = deps;
  const answer = await deps.accounts.list(channel);
  if (answer.kind !== 'ok') return toFault(type, answer);
  return answer.accounts.map(({ id, name }) => ({ id, type, name, routeId: id }));
}

/** What Meta says that a renewed token lives; one that is said to live longer is asked about again before then. */
const maxTokenSeconds = 60 * 24 * 60 * 60;

/** Renews a token of Instagram's own login; null for one that needs none. */
export async function renewToken(
  deps: MessagingConnectDeps,
  channel: Channel,
): Promise<RenewedToken | ChannelFault | null> {
  if (!isInstagramLogin(channel)) return null;
  const answer = await deps.accounts.renew(channel);
  if (answer.kind !== 'ok') return toFault(deps.type, answer);
  const accessToken = toText(answer.body['access_token']);
  const seconds = Number(answer.body['expires_in']);
  if (accessToken === undefined || !(seconds > 0))
    return { fault: 'later', reason: 'The answer holds no token with its life.' };
  return { accessToken, endsAt: deps.now() + Math.floor(Math.min(seconds, maxTokenSeconds) * 1000) };
}

/** Has the platform post the events of each sender. */
export async function subscribe(
  deps: MessagingConnectDeps,
  channel: Channel,
  senders: readonly Sender[],
): Promise<ChannelFault | null> {
  const { accounts } = deps;
  for (const sender of senders) {
    const voice = await accounts.voiceOf(channel, sender.id);
    const query = { subscribed_fields: fieldsOf(deps.type, channel).join() };
    const asked = await accounts.call(channel, voice, { method: 'POST', edge: 'subscribed_apps', query });
    const answer = withSuccess(asked);
    if (answer.kind !== 'ok') return toFault(deps.type, answer);
  }
  return null;
}

function fieldsOf(type: Type, channel: Channel): readonly string[] {
  if (type === 'messenger') return pageFields;
  return isInstagramLogin(channel) ? [...instagramFields, ...askedFields(channel)] : linkedPageFields;
}

async function checkSubscription(
  deps: MessagingConnectDeps,
  channel: Channel,
  sender: Sender,
): Promise<Check> {
  const found = (ok: boolean, finding: Finding<CheckCode>): Check => {
    const text = `${sender.id}: ${finding.text}`;
    return { name: 'webhook', senderId: sender.id, ok, ...finding, text };
  };
  const { accounts } = deps;
  const voice = await accounts.voiceOf(channel, sender.id);
  const apps = await accounts.listEdge(channel, voice, 'subscribed_apps', {
    pick: ({ subscribed_fields: names }) => toTexts(names),
  });
  if (apps.kind !== 'ok') return found(false, explain(deps.type, apps));
  const fields = apps.items.flat();
  const asked = isInstagramLogin(channel) ? askedFields(channel) : [];
  const absent = [...neededFields[deps.type], ...asked].filter((field) => !fields.includes(field));
  if (absent.length === 0) return found(true, checked('subscribed', {}));
  return found(false, checked('fields_unsubscribed', { fields: absent.join(', ') }));
}

/** Tells of a token's end where the platform does; one of a Page has none. */
async function checkToken(deps: MessagingConnectDeps, channel: Channel): Promise<CheckedToken> {
  const listed = await deps.accounts.list(channel);
  if (listed.kind !== 'ok' && !isPageToken(listed))
    return { checks: [{ name: 'token', ok: false, ...explain(deps.type, listed) }] };
  return isInstagramLogin(channel) ? checkRenewal(channel) : debugToken(deps, channel);
}

/** What Meta tells of a token of Facebook's login. */
async function debugToken(deps: MessagingConnectDeps, { credentials }: Channel): Promise<CheckedToken> {
  const token = credentials['accessToken'] ?? '';
  const answer = await deps.graph({
    method: 'GET',
    path: ['debug_token'],
    token,
    query: { input_token: token },
  });
  const data = answer.kind === 'ok' && isObject(answer.body['data']) ? answer.body['data'] : {};
  const endsAt = data['expires_at'] === 0 ? undefined : toTime(data['expires_at']);
  const accepted: Check = {
    name: 'token',
    ok: true,
    ...checked('token_accepted', {}),
    ...(endsAt === undefined ? {} : { endsAt }),
  };
  const appId = toText(data['app_id']);
  return {
    checks: [accepted, ...checkScopes(deps.type, data)],
    ...(appId === undefined ? {} : { appId }),
  };
}

/** Where the app posts is entered in Meta's pages and cannot be set from here without harm to others of the app. */
async function checkApp(
  deps: MessagingConnectDeps,
  channel: Channel,
  appId: string,
  webhookUrl: string,
): Promise<readonly Check[]> {
  const name = 'app';
  const { type } = deps;
  const { appSecret = '' } = channel.credentials;
  const object = type === 'messenger' ? 'page' : 'instagram';
  const app = await readAppWebhook(deps, { appId, appSecret }, object);
  if (app === undefined) return [];
  const place = `App Dashboard, ${type === 'messenger' ? 'Messenger' : 'Instagram'}, Webhooks`;
  if (app.callbackUrl !== webhookUrl) {
    const where = app.callbackUrl === '' ? 'app_nowhere' : 'app_elsewhere';
    return [{ name, ok: false, ...checked(where, { url: webhookUrl, place }) }];
  }
  const absent =
    type === 'instagram' ? askedFields(channel).filter((field) => !app.fields.includes(field)) : [];
  if (absent.length > 0)
    return [{ name, ok: false, ...checked('app_fields_missing', { fields: absent.join(', '), place }) }];
  if (app.fields.includes('messages')) return [{ name, ok: true, ...checked('app_here', {}) }];
  return [{ name, ok: false, ...checked('app_field_missing', { place }) }];
}

/** How long a token of Instagram's own login, which the watch renews, lives. */
function checkRenewal({ credentials }: Channel): CheckedToken {
  const until = toTime(credentials['accessTokenUntil']);
  const finding = checked(until === undefined ? 'token_renewed_once' : 'token_renewed', {});
  const endsAt = until === undefined ? {} : { endsAt: until };
  return { checks: [{ name: 'token', ok: true, ...finding, ...endsAt }] };
}

function askedFields({ options }: Channel): readonly string[] {
  return Object.entries(instagramFieldsOf).flatMap(([option, fields]) =>
    options[option] === true ? fields : [],
  );
}

/** What the token may do, where Meta tells. */
function checkScopes(type: Type, data: JsonObject): readonly Check[] {
  const name = 'permissions';
  const scopes = toTexts(data['scopes']);
  if (scopes.length === 0) return [];
  const absent = neededScopes[type].filter((scope) => !scopes.includes(scope));
  return absent.length === 0
    ? [{ name, ok: true, ...checked('permissions_there', {}) }]
    : [
        {
          name,
          ok: false,
          ...checked('permissions_missing', {
            missing: absent.join(', '),
            needed: neededScopes[type].join(', '),
          }),
        },
      ];
}

function toTexts(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).flatMap((one) => toText(one) ?? []) : [];
}

type NoAnswer = Exclude<GraphAnswer, { kind: 'ok' }>;

function toFault(type: Type, answer: NoAnswer): ChannelFault {
  if (answer.kind !== 'refused') return { fault: 'later', reason: answer.text };
  return { fault: toFaultKind(toFailureClass(answer.error)), reason: explain(type, answer).text };
}

/** What is wrong and what to do. */
function explain(type: Type, answer: NoAnswer): Finding<CheckCode> {
  if (answer.kind !== 'refused') return checked('vendor_silent', { said: answer.text });
  const { code, text: said } = answer.error;
  if (code === 190) return checked('token_expired', { said });
  if (code === 104 || isAboutProof(answer.error)) return checked('app_secret_refused', { said });
  if (code === 10 || (code !== null && code >= 200 && code < 300))
    return checked('permission_refused', { needed: permissions[type], said });
  return checked('vendor_said', { said });
}
