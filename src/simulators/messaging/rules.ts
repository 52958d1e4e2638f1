// What the simulated Messenger and Instagram refuse, and how they say so (docs/protocols/messenger-instagram.md).
import type { Stage } from '../simulator.ts';

export interface MessagingError {
  readonly status: number;
  readonly code: number;
  readonly subcode?: number;
  readonly message: string;
  readonly isTransient?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

export type MessagingType = 'messenger' | 'instagram';

type Body = Readonly<Record<string, unknown>>;

const day = 24 * 60 * 60 * 1000;
const retiredTags = ['CONFIRMED_EVENT_UPDATE', 'ACCOUNT_UPDATE', 'POST_PURCHASE_UPDATE'];
const maxQuickReplies = 13;

export function toErrorBody({ code, subcode, message, isTransient }: MessagingError): object {
  const type = code === 190 ? 'OAuthException' : 'IGApiException';
  return {
    error: {
      message: `(#${code}) ${message}`,
      type,
      code,
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      ...(isTransient === undefined ? {} : { is_transient: isTransient }),
      fbtrace_id: 'SimulatedTrace',
    },
  };
}

/** What is wrong with a send call whatever the state of things; undefined when nothing is. */
export function findBodyFault(type: MessagingType, body: Body): MessagingError | undefined {
  const bad = (message: string, subcode?: number): MessagingError => ({
    status: 400,
    code: 100,
    message,
    ...(subcode === undefined ? {} : { subcode }),
  });
  const recipient = toObject(body['recipient']);
  const message = toObject(body['message']);
  const hasToken = findToken(type, body) !== undefined;
  if (!hasToken && typeof recipient?.['id'] !== 'string') return bad('Param recipient must be non-empty.');
  if (!hasToken && !/^\d{5,30}$/.test(String(recipient?.['id'])))
    return bad('No matching user found', type === 'messenger' ? 2018001 : 2534014);
  if (message === undefined) return bad('Param message must be non-empty.');
  const { text, attachment, quick_replies: quickReplies, metadata, template } = message;
  if (text !== undefined && attachment !== undefined) return bad('Text and attachment cannot go together.');
  if (text === undefined && attachment === undefined && template === undefined)
    return bad('The message is empty.');
  if (typeof text === 'string') {
    const asked = /^#error (\d+)(?:\/(\d+))?$/.exec(text);
    if (asked !== null)
      return toAsked(Number(asked[1]), asked[2] === undefined ? undefined : Number(asked[2]));
    const isLong = type === 'messenger' ? [...text].length > 2000 : Buffer.byteLength(text) > 1000;
    if (text === '' || isLong) return bad('Length of param message[text] is out of bounds.', 2018047);
  }
  if (Array.isArray(quickReplies) && quickReplies.length > maxQuickReplies)
    return bad(`There may be up to ${maxQuickReplies} quick replies.`);
  if (typeof metadata === 'string' && metadata.length > 1000) return bad('Param metadata is too long.');
  if (typeof body['tag'] === 'string' && retiredTags.includes(body['tag']))
    return bad('Param tag must be a valid message tag');
  const payload = toObject(toObject(attachment)?.['payload']);
  if (typeof payload?.['url'] === 'string' && payload['url'].includes('missing'))
    return bad('Failed to fetch the file from the url', 2018008);
  return undefined;
}

/** Members of a recipient that name it on Messenger in the place of a user's id. */
const tokens = ['user_ref', 'notification_messages_token', 'one_time_notif_token'] as const;

/** What names a recipient in the place of a user's id: who opted in, or used a plugin, and may be written to at any time. */
export function findToken(
  type: MessagingType,
  body: Body,
): { readonly name: (typeof tokens)[number]; readonly value: string } | undefined {
  const recipient = toObject(body['recipient']);
  for (const name of tokens) {
    const value = recipient?.[name];
    if (type === 'messenger' && typeof value === 'string' && value !== '') return { name, value };
  }
  return undefined;
}

/** The error that a text asks for, so that every one can be tried. */
function toAsked(code: number, subcode: number | undefined): MessagingError {
  const status = code === 190 ? 401 : code <= 2 || code === 1200 ? 500 : 400;
  return {
    status,
    code,
    message: 'The text asked for this error.',
    ...(subcode === undefined ? {} : { subcode }),
  };
}

/** Whether a user has written within the time that a message needs. */
export function findWindowFault(
  type: MessagingType,
  { clock, option }: Pick<Stage, 'clock' | 'option'>,
  body: Body,
  wroteAt: number | undefined,
): MessagingError | undefined {
  if (option('window') !== 'on' || body['messaging_type'] === 'UTILITY') return undefined;
  const life = body['tag'] === 'HUMAN_AGENT' ? 7 * day : day;
  if (wroteAt !== undefined && clock.now() - wroteAt <= life) return undefined;
  return {
    status: 400,
    code: 10,
    subcode: type === 'messenger' ? 2018278 : 2534022,
    message: 'This message is sent outside of allowed window.',
  };
}

export function toObject(value: unknown): Body | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
