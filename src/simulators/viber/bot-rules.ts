// What the simulated Viber bot API refuses, and by which number.
import { toWords } from '../simulator.ts';
import type { BotUser } from './bot-users.ts';

type Body = Readonly<Record<string, unknown>>;

const hourMs = 3_600_000;
/** Messages that a user who does not answer may get within an hour. */
const maxUnanswered = 100;

/** Viber's words for its numbers; any other is `generalError`. */
export const statusNames: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'invalidUrl',
  2: 'invalidAuthToken',
  3: 'badData',
  4: 'missingData',
  5: 'receiverNotRegistered',
  6: 'receiverNotSubscribed',
  7: 'publicAccountBlocked',
  10: 'webhookNotSet',
  12: 'tooManyRequests',
  24: 'noBalance',
};

/** The number by which a message to `receiver` is refused; undefined when it is taken. Forgets what counts no more against the user. */
export function findRefusal(
  body: Body,
  receiver: unknown,
  user: BotUser | undefined,
  now: number,
): number | undefined {
  if (typeof receiver !== 'string' || body['type'] === undefined) return 4;
  if (user === undefined) return 5;
  if (!user.isSubscribed) return 6;
  const { sender } = body;
  if (typeof sender !== 'object' || sender === null || !('name' in sender)) return 4;
  if (!isWellMade(body)) return 3;
  user.unanswered = user.unanswered.filter((at) => now - at < hourMs);
  return user.unanswered.length >= maxUnanswered ? 12 : undefined;
}

/** Whether a message has what its type needs, within Viber's limits. */
function isWellMade(body: Body): boolean {
  const text = (name: string, max: number): boolean => {
    const value = body[name];
    return typeof value === 'string' && value !== '' && value.length <= max;
  };
  switch (body['type']) {
    case 'text':
      return text('text', 7000);
    case 'picture':
      return text('media', 2000) && (body['text'] === undefined || toWords(body['text']).length <= 768);
    case 'video':
      return text('media', 2000) && typeof body['size'] === 'number';
    case 'file':
      return text('media', 2000) && typeof body['size'] === 'number' && text('file_name', 256);
    case 'url':
      return text('media', 2000);
    case 'location':
    case 'contact':
    case 'rich_media':
      return typeof body[body['type']] === 'object';
    case 'sticker':
      return body['sticker_id'] !== undefined;
    default:
      return false;
  }
}
