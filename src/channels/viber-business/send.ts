// Sending by the Viber Business Messages partner API (docs/protocols/viber.md), from the addresses that Viber has on its list.
import type { Channel, Sender } from '../../domain/channel.ts';
import { checked } from '../../domain/findings.ts';
import type { FailureClass } from '../../domain/message.ts';
import type { Client } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import type { Check, Outgoing, SendOutcome } from '../channel.ts';
import { isObject, toText, tryParseJson } from '../kit/json.ts';
import { toRanges } from './parse.ts';
import { toViberContent } from '../viber/content.ts';
import { isHttpStatus, readForeign, readWait, toStatus } from '../viber/answer-status.ts';
import { refuse } from '../viber/refusal.ts';
import type { ViberContent, ViberContentType } from '../viber/content.ts';

interface BusinessDeps {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
  /** Base of the partner API, without a trailing slash. */
  readonly businessUrl: string;
}

/**
 * The status codes with what they mean for a message. The codes that receipts carry are Alibaba's (docs/protocols/receipts.md) where it
 * has one, and are built the same way where it has none.
 */
export const businessStatuses: Readonly<
  Record<number, { readonly code: string; readonly failure: FailureClass }>
> = {
  1: { code: 'SRVC_INTERNAL_FAILURE', failure: 'transient' },
  2: { code: 'SRVC_BAD_SERVICE_ID', failure: 'account' },
  3: { code: 'SRVC_BAD_DATA', failure: 'permanent' },
  // The service may send messages of other types.
  4: { code: 'SRVC_BLOCKED_MESSAGE_TYPE', failure: 'ambiguous' },
  5: { code: 'SRVC_BAD_MESSAGE_TYPE', failure: 'ambiguous' },
  6: { code: 'SRVC_BAD_PARAMETERS', failure: 'permanent' },
  7: { code: 'SRVC_TIMEOUT', failure: 'transient' },
  8: { code: 'SRVC_USER_BLOCKED', failure: 'opt_out' },
  9: { code: 'SRVC_NOT_VIBER_USER', failure: 'permanent' },
  10: { code: 'SRVC_NO_SUITABLE_DEVICE', failure: 'permanent' },
  11: { code: 'SRVC_UNAUTHORIZED_IP', failure: 'auth' },
  13: { code: 'SRVC_NOT_PERMITTED', failure: 'account' },
  14: { code: 'SRVC_BILLING_FAILURE', failure: 'account' },
  17: { code: 'SRVC_NO_MORE_MESSAGES', failure: 'window' },
  18: { code: 'SRVC_BAD_LABEL', failure: 'permanent' },
  20: { code: 'SRVC_INVALID_TTL', failure: 'permanent' },
  21: { code: 'SRVC_WAIT_FOR_USER_RESPONSE', failure: 'window' },
  27: { code: 'SRVC_INVALID_PHONE_NUMBER', failure: 'permanent' },
  28: { code: 'SRVC_FILE_NOT_PERMITTED', failure: 'media' },
  29: { code: 'SRVC_BAD_FILE_NAME_LENGTH', failure: 'media' },
  30: { code: 'SRVC_BAD_THUMBNAIL', failure: 'media' },
  31: { code: 'SRVC_BAD_FILE_SIZE', failure: 'media' },
  32: { code: 'SRVC_BAD_DURATION', failure: 'media' },
  38: { code: 'SRVC_TEMPLATE_NOT_FOUND', failure: 'template' },
  39: { code: 'SRVC_TEMPLATE_VALIDATION_ERROR', failure: 'template' },
  40: { code: 'SRVC_SURVEY_VALIDATION_ERROR', failure: 'permanent' },
  41: { code: 'SRVC_CAROUSEL_VALIDATION_ERROR', failure: 'permanent' },
  43: { code: 'SRVC_SERVICE_BLOCKED', failure: 'account' },
  401: { code: 'SRVC_UNAUTHORIZED_IP', failure: 'auth' },
};

const ok = 0;
/** Our repeat of a message that was taken: `seq` names it. */
const alreadySent = 12;

/**
 * Two-way types by content, so that users can answer; all of them carry `#tracking_data`. Which of 230 to 233 is a video with
 * a text and with a button is not confirmed by any source that could be read.
 */
const typeOf: Readonly<Record<ViberContentType, number>> = {
  text: 206,
  image: 207,
  text_image: 210,
  text_image_button: 208,
  text_button: 209,
  document: 220,
  video: 230,
  text_video: 231,
  text_video_button: 232,
};
const promotedText = 225;
const sessionTypes: Readonly<Partial<Record<ViberContentType, number>>> = { text: 306, image: 307 };

const labels: Readonly<Record<string, string>> = {
  transaction: 'transactional',
  promotion: 'promotion',
  session: 'session',
};

const minTtlSeconds = 30;
const maxTtlSeconds = 1_209_600;
const timeoutMs = 20_000;

/** Hands a message to a phone number. The same message again has the same `seq`, so a lost answer is simply asked for again. */
export async function sendToPhone(
  deps: BusinessDeps,
  sender: Sender,
  outgoing: Outgoing,
): Promise<SendOutcome> {
  const content = toViberContent(outgoing);
  const { message } = outgoing;
  if (content === undefined)
    return refuse('unsupported', 'Viber Business Messages have no message of this type.');
  const label = labels[message.envelope.label ?? ''] ?? 'promotion';
  const type = toType(content.type, label);
  if (type === undefined)
    return refuse('SRVC_BAD_MESSAGE_TYPE', `A session on Viber has no ${content.type} message.`);
  const ttl = Math.floor((message.expiresAt - deps.now()) / 1000);
  const answer = await deps.client.post(`${deps.businessUrl}/send_message`, {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({
      service_id: Number(sender.id),
      dest: message.to,
      seq: message.id,
      type,
      label,
      ...(message.envelope.tag === undefined ? {} : { tag: message.envelope.tag }),
      ttl: Math.min(maxTtlSeconds, Math.max(minTtlSeconds, ttl)),
      message: {
        ...toMembers(content),
        '#tracking_data': message.envelope.trackingData ?? message.messageId,
      },
      ...(content.fileType === '' ? {} : { file_type: content.fileType }),
      ...(content.fileSize === null ? {} : { file_size: content.fileSize }),
      ...(content.duration === null ? {} : { duration: content.duration }),
    }),
    timeoutMs,
    maxBytes: 64 * 1024,
  });
  if (isFailure(answer)) return retry('unreachable', `Viber did not answer: ${answer.reason}.`);
  const wait = readWait(answer, deps.now());
  const body = tryParseJson(answer.body);
  const status = isObject(body) ? toStatus(body['status']) : answer.status;
  const isContrary = status === ok && answer.status >= 300;
  const isForeign = !isObject(body) || isHttpStatus(status, answer.status);
  // That of an address which is not on its list is Viber's own, with or without a body.
  if ((isForeign && status !== 401) || Number.isNaN(status) || isContrary)
    return { ...toUnread(answer.status), ...wait };
  if (status === ok || status === alreadySent) {
    // A repeat may be answered without the token; the number that we gave the message stands for it then.
    const token = isObject(body) ? toText(body['message_token']) : undefined;
    return {
      kind: 'accepted',
      channelMessageId: token ?? `seq-${message.id}`,
      sentAt: deps.now(),
    };
  }
  const known = businessStatuses[status];
  if (known === undefined)
    return {
      kind: 'refused',
      failure: 'unrecognized',
      code: `SRVC_${status}`,
      text: `Viber answered the unknown status ${status}.`,
    };
  const { code, failure } = known;
  return { kind: 'refused', failure, code, text: `Viber answered status ${status}`, ...wait };
}

function toType(content: ViberContentType, label: string): number | undefined {
  if (label === 'session') return sessionTypes[content];
  return content === 'text' && label === 'promotion' ? promotedText : typeOf[content];
}

function toMembers({ type, text, link, caption, action, thumbnail, fileName }: ViberContent): object {
  const isImage = type === 'image' || type === 'text_image' || type === 'text_image_button';
  return {
    ...(text === '' ? {} : { '#txt': text }),
    ...(link === '' ? {} : { [isImage ? '#img' : '#media']: link }),
    ...(caption === '' || !type.endsWith('_button') ? {} : { '#caption': caption }),
    // The button of a video plays it and takes no address.
    ...(action === '' || type === 'text_video_button' ? {} : { '#action': action }),
    ...(thumbnail === '' ? {} : { '#thumbnail': thumbnail }),
    ...(fileName === '' ? {} : { '#fileName': fileName }),
  };
}

/** What follows an answer in no form of Viber's own. That it may have taken the message does no harm: the repeat has the same `seq`. */
function toUnread(http: number): Extract<SendOutcome, { kind: 'refused' }> {
  const text = `Viber answered ${http} and not in its own form.`;
  const failure = readForeign(http);
  return failure === undefined
    ? retry('unreadable', text)
    : { kind: 'refused', failure, code: `http_${http}`, text };
}

function retry(code: string, text: string): Extract<SendOutcome, { kind: 'refused' }> {
  return { kind: 'refused', failure: 'transient', code, text };
}

/** What can be seen of a service: the partner API has no call that tells. */
export function checkService({ credentials }: Channel, hookUrl: string): readonly Check[] {
  const { pathSecret, allowedAddresses } = credentials;
  const parts = (allowedAddresses ?? '').split(',').filter((part) => part.trim() !== '');
  const isRead = toRanges(allowedAddresses).length === parts.length;
  const isProtected = pathSecret !== undefined || parts.length > 0;
  return [
    {
      name: 'protection',
      ok: isProtected && isRead,
      ...(!isProtected
        ? checked('service_unprotected', {})
        : !isRead
          ? checked('addresses_unread', {})
          : checked('service_ready', { url: hookUrl + (pathSecret === undefined ? '' : '/<pathSecret>') })),
    },
  ];
}
