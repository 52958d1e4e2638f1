// Calls of the Viber bot REST API (docs/protocols/viber.md). It answers every call with HTTP 200 and a status of its own.
import type { Channel, Sender } from '../../domain/channel.ts';
import { checked } from '../../domain/findings.ts';
import type { CheckCode, Finding } from '../../domain/findings.ts';
import type { FailureClass } from '../../domain/message.ts';
import type { Client } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { callbackCheck, toUnanswered } from '../kit/callback-check.ts';
import type { ChannelFault, Check, FoundSender, Outgoing, SendOutcome } from '../channel.ts';
import { toItems } from '../kit/gatherer.ts';
import { toFaultKind } from '../kit/graph-errors.ts';
import { isObject, toText, tryParseJson } from '../kit/json.ts';
import type { JsonObject } from '../kit/json.ts';
import { signAsViber, toSenderName } from './parse.ts';
import { toViberContent } from '../viber/content.ts';
import { isHttpStatus, readForeign, readWait, toStatus } from '../viber/answer-status.ts';
import type { Wait } from '../viber/answer-status.ts';
import { refuse } from '../viber/refusal.ts';
import type { ViberContent } from '../viber/content.ts';

interface BotDeps {
  readonly client: Pick<Client, 'post' | 'get'>;
  readonly now: () => number;
  /** Base of the bot API, without a trailing slash. */
  readonly botUrl: string;
}

/** Viber's status codes with their names and what they mean for a message; every other one is a general error. */
export const botStatuses: Readonly<
  Record<number, { readonly name: string; readonly failure: FailureClass }>
> = {
  1: { name: 'invalidUrl', failure: 'account' },
  2: { name: 'invalidAuthToken', failure: 'auth' },
  3: { name: 'badData', failure: 'permanent' },
  4: { name: 'missingData', failure: 'permanent' },
  5: { name: 'receiverNotRegistered', failure: 'permanent' },
  6: { name: 'receiverNotSubscribed', failure: 'opt_out' },
  7: { name: 'publicAccountBlocked', failure: 'account' },
  8: { name: 'publicAccountNotFound', failure: 'account' },
  9: { name: 'publicAccountSuspended', failure: 'account' },
  10: { name: 'webhookNotSet', failure: 'account' },
  11: { name: 'receiverNoSuitableDevice', failure: 'permanent' },
  12: { name: 'tooManyRequests', failure: 'throttle' },
  13: { name: 'apiVersionNotSupported', failure: 'permanent' },
  14: { name: 'incompatibleWithVersion', failure: 'permanent' },
  15: { name: 'publicAccountNotAuthorized', failure: 'account' },
  16: { name: 'inchatReplyMessageNotAllowed', failure: 'permanent' },
  17: { name: 'publicAccountIsNotInline', failure: 'permanent' },
  18: { name: 'noPublicChat', failure: 'permanent' },
  19: { name: 'cannotSendBroadcast', failure: 'account' },
  20: { name: 'broadcastNotAllowed', failure: 'account' },
  21: { name: 'unsupportedCountry', failure: 'permanent' },
  22: { name: 'paymentUnsupported', failure: 'permanent' },
  23: { name: 'freeMessagesExceeded', failure: 'account' },
  24: { name: 'noBalance', failure: 'account' },
};

/** Viber calls every status that it does not list a general error, which tells nothing: each goes by its number. */
function toGeneralError(status: number) {
  return { name: `status_${status}`, failure: 'unrecognized' } as const;
}

/** Everything but what is always posted: message, subscribed, unsubscribed. */
const eventTypes = ['delivered', 'seen', 'failed', 'subscribed', 'unsubscribed', 'conversation_started'];

/** With what the channel's options ask for. */
function eventTypesOf({ options }: Pick<Channel, 'options'>): readonly string[] {
  return options['clientStatus'] === true ? [...eventTypes, 'client_status'] : eventTypes;
}

const timeoutMs = 20_000;
const maxAnswerBytes = 256 * 1024;
const maxBodyBytes = 30 * 1024;
/** Text beside a picture; longer text goes out as a text of its own with the picture's address. */
const maxPictureText = 768;

type Called =
  | ({ readonly kind: 'answered'; readonly status: number; readonly body: JsonObject } & Wait)
  | ({
      readonly kind: 'unsent' | 'unknown';
      readonly text: string;
      /** What something in front of Viber means by it, with HTTP's status. */
      readonly refused?: { readonly failure: FailureClass; readonly code: string };
    } & Wait);

async function call(
  { client, botUrl, now }: BotDeps,
  channel: Channel,
  name: string,
  body: object,
): Promise<Called> {
  const answer = await client.post(`${botUrl}/pa/${name}`, {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-viber-auth-token': channel.credentials['authToken'] ?? '',
    },
    body: JSON.stringify(body),
    timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  if (isFailure(answer)) {
    const kind = answer.wasSent ? 'unknown' : 'unsent';
    return { kind, text: `Viber did not answer: ${answer.reason}.` };
  }
  const wait = readWait(answer, now());
  const json = tryParseJson(answer.body);
  const status = isObject(json) ? toStatus(json['status']) : Number.NaN;
  // Viber answers 200 whatever it says; that it took a message counts with no other status.
  const isOwn = Number.isInteger(status) && !isHttpStatus(status, answer.status);
  if (isObject(json) && isOwn && (answer.status === 200 || status !== 0))
    return { kind: 'answered', status, body: json, ...wait };
  // What is left is a page of a proxy, or an answer that was cut short.
  const text = `Viber answered ${answer.status} and not in its own form.`;
  const failure = readForeign(answer.status);
  if (failure === undefined) return { kind: 'unknown', text, ...wait };
  return { kind: 'unsent', text, refused: { failure, code: `http_${answer.status}` }, ...wait };
}

/** Hands a message to a bot's user. */
export async function sendToUser(
  deps: BotDeps,
  channel: Channel,
  sender: Sender,
  outgoing: Outgoing,
): Promise<SendOutcome> {
  const content = toViberContent(outgoing);
  if (content === undefined) return refuse('unsupported', 'A Viber bot has no message of this type.');
  const { message } = outgoing;
  if (message.envelope.toGroup === true)
    return refuse('unsupported', 'A Viber bot cannot write to a group; it answers users only.');
  const built = await toBotMessage(deps, content);
  if (built === undefined)
    return {
      kind: 'refused',
      failure: 'media',
      code: 'noFileSize',
      text: 'Viber wants the size of a file in bytes; it was not given, and its server does not tell it.',
    };
  const body = {
    receiver: message.to,
    min_api_version: 1,
    sender: { name: toSenderName(toShownName(channel, sender)) },
    tracking_data: message.envelope.trackingData ?? message.messageId,
    ...built,
  };
  if (Buffer.byteLength(JSON.stringify(body)) > maxBodyBytes)
    return refuse('badData', 'The message is larger than the 30 KB that Viber takes.');
  const called = await call(deps, channel, 'send_message', body);
  if (called.kind !== 'answered') return toUntaken(called);
  if (called.status === 0) {
    const token = toText(called.body['message_token']);
    if (token === undefined) return { kind: 'unknown', text: 'Viber took the message and gave no token.' };
    return { kind: 'accepted', channelMessageId: token, sentAt: deps.now() };
  }
  const { name, failure } = botStatuses[called.status] ?? toGeneralError(called.status);
  const said = toText(called.body['status_message']) ?? name;
  const text = `${said} (status ${called.status})`;
  // 500 calls in 10 s are more than our own rate, so it is the 100 messages an hour to a user who does not answer.
  const scope = failure === 'throttle' ? ({ scope: 'recipient' } as const) : {};
  return { kind: 'refused', failure, code: name, text, ...scope, ...pickWait(called) };
}

/** A call that Viber answered in no form of its own, or not at all. */
function toUntaken(called: Exclude<Called, { kind: 'answered' }>): SendOutcome {
  const { kind, text, refused = { failure: 'transient', code: 'unreachable' } } = called;
  if (kind === 'unknown') return { kind, text };
  return { kind: 'refused', ...refused, text, ...pickWait(called) };
}

function pickWait({ retryAfterMs }: Wait): Wait {
  return retryAfterMs === undefined ? {} : { retryAfterMs };
}

/** What users see as the author. A sender that was added without a name has its id there, which tells them nothing. */
function toShownName(channel: Channel, { id, name }: Sender): string {
  return name === '' || name === id ? channel.name : name;
}

/** The members of `send_message` that hold the content; undefined when a file's size cannot be found. */
async function toBotMessage(deps: BotDeps, content: ViberContent): Promise<object | undefined> {
  const { text, link, thumbnail } = content;
  const keyboard = toKeyboard(content);
  switch (content.type) {
    case 'text':
    case 'text_button':
      return { type: 'text', text, ...keyboard };
    case 'image':
    case 'text_image':
    case 'text_image_button':
      if ([...text].length > maxPictureText) return { type: 'text', text: `${text}\n${link}`, ...keyboard };
      return { type: 'picture', text, media: link, ...keyboard };
    case 'text_video':
    case 'text_video_button':
      // A bot's video has no text beside it, so the address stands in the text and shows as a preview.
      return { type: 'text', text: `${text}\n${link}`, ...keyboard };
    case 'video': {
      const size = content.fileSize ?? (await findSize(deps, link));
      if (size === undefined) return undefined;
      const { duration } = content;
      return {
        type: 'video',
        media: link,
        size,
        ...(thumbnail === '' ? {} : { thumbnail }),
        ...(duration === null ? {} : { duration }),
      };
    }
    case 'document': {
      const size = content.fileSize ?? (await findSize(deps, link));
      return size === undefined
        ? undefined
        : { type: 'file', media: link, size, file_name: content.fileName };
    }
  }
}

/** A button under the conversation that opens an address; that of a video opens the video. */
function toKeyboard({ type, caption, action, link }: ViberContent): { readonly keyboard?: object } {
  if (caption === '' || !type.endsWith('_button')) return {};
  const ActionBody = type === 'text_video_button' ? link : action;
  return {
    keyboard: {
      Type: 'keyboard',
      Buttons: [{ ActionType: 'open-url', ActionBody, Text: caption, Columns: 6, Rows: 1 }],
    },
  };
}

/** The size of a file as its server tells it. */
async function findSize({ client }: BotDeps, link: string): Promise<number | undefined> {
  const answer = await client.get(link, {}, timeoutMs);
  if (isFailure(answer)) return undefined;
  try {
    for await (const chunk of answer.body) if (chunk.byteLength >= 0) break;
  } catch {
    // The size was in the head.
  }
  const size = Number(answer.headers['content-length'] ?? Number.NaN);
  return answer.status === 200 && Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

/** Looks whether the token is good, the webhook is ours, and anybody answers there. */
export async function checkBot(deps: BotDeps, channel: Channel, hookUrl: string): Promise<readonly Check[]> {
  const called = await call(deps, channel, 'get_account_info', {});
  if (called.kind !== 'answered')
    return [{ name: 'authToken', ok: false, ...checked('vendor_silent', { said: called.text }) }];
  if (called.status !== 0) return [{ name: 'authToken', ok: false, ...toAdvice(called.status) }];
  const { body } = called;
  const named = toText(body['name']) ?? '';
  const url = toText(body['webhook']) ?? '';
  const wanted = eventTypesOf(channel);
  // An account without the member has all; one that tells it in a form of its own tells of none.
  const types = body['event_types'] === undefined ? wanted : toItems(body['event_types']);
  const missing = wanted.filter((type) => !types.includes(type));
  const isOurs = url === hookUrl && missing.length === 0;
  return [
    { name: 'authToken', ok: true, ...checked('bot_accepted', { name: named }) },
    {
      name: 'webhook',
      ok: isOurs,
      ...(isOurs ? checked('subscribed', {}) : toMissing(url, hookUrl, missing)),
    },
    await checkCallback(deps, channel, hookUrl),
  ];
}

/** Posts to a channel's webhook what Viber posts while it is set: an event that gives no receipt. */
async function checkCallback({ client, now }: BotDeps, channel: Channel, hookUrl: string): Promise<Check> {
  const body = JSON.stringify({ event: 'webhook', timestamp: now(), message_token: 0 });
  const answer = await client.post(hookUrl, {
    headers: {
      'content-type': 'application/json',
      'x-viber-content-signature': signAsViber(channel.credentials['authToken'] ?? '', body).toString('hex'),
    },
    body,
    timeoutMs,
    maxBytes: maxAnswerBytes,
  });
  if (isFailure(answer)) return toUnanswered(hookUrl, answer);
  const ok = answer.status === 200;
  const finding = ok
    ? checked('callback_takes_events', {})
    : checked('callback_takes_none', { url: hookUrl, status: answer.status });
  return { name: callbackCheck, ok, ...finding };
}

function toMissing(url: string, hookUrl: string, missing: readonly string[]): Finding<CheckCode> {
  if (url === '') return checked('bot_nowhere', {});
  if (url !== hookUrl)
    return checked('bot_elsewhere', { origin: URL.canParse(url) ? new URL(url).origin : '?' });
  return checked('bot_events_missing', { events: missing.join(', ') });
}

/** The bot that a token belongs to. */
export async function findBot(
  deps: BotDeps,
  channel: Channel,
): Promise<readonly FoundSender[] | ChannelFault> {
  const called = await call(deps, channel, 'get_account_info', {});
  if (called.kind !== 'answered') return { fault: 'later', reason: called.text };
  if (called.status !== 0) return toFault(called.status);
  const id = (toText(called.body['id']) ?? '').replace(/^pa:/, '');
  if (id === '') return { fault: 'later', reason: 'Viber answered without the id of the bot.' };
  return [{ id, type: 'viber', name: toText(called.body['name']) ?? id, routeId: channel.id }];
}

/** Sets the webhook. Viber posts a probe there before it answers, so the service has to be reachable by then. */
export async function subscribeBot(
  deps: BotDeps,
  channel: Channel,
  hookUrl: string,
): Promise<ChannelFault | null> {
  const called = await call(deps, channel, 'set_webhook', {
    url: hookUrl,
    event_types: eventTypesOf(channel),
    send_name: true,
    send_photo: false,
  });
  if (called.kind !== 'answered') return { fault: 'later', reason: called.text };
  if (called.status === 0) return null;
  if (called.status === 1)
    return {
      fault: 'refused',
      reason: `Viber could not post to ${hookUrl}, or was not answered 200 there. The address has to be reachable from outside, with a certificate of a public authority.`,
    };
  return toFault(called.status);
}

function toFault(status: number): ChannelFault {
  const { failure } = botStatuses[status] ?? toGeneralError(status);
  return { fault: toFaultKind(failure), reason: toAdvice(status).text };
}

/** What to do about a status that is not about a message. */
function toAdvice(status: number): Finding<CheckCode> {
  const { name: said, failure } = botStatuses[status] ?? toGeneralError(status);
  if (failure === 'auth') return checked('bot_token_refused', { said, status });
  return checked(failure === 'account' ? 'bot_refused' : 'bot_said', { said, status });
}
