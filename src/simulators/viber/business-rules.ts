// What the simulated Viber Business Messages refuse, and by which number.
import { toWords } from '../simulator.ts';

type Body = Readonly<Record<string, unknown>>;

const sessionMs = 24 * 3_600_000;
const maxInRow = 10;
const maxInSession = 60;
const trackedTypes = new Set([
  206, 207, 208, 209, 210, 220, 225, 306, 307, 230, 231, 232, 233, 801, 802, 901,
]);
const untrackedTypes = new Set([7, 8, 9, 107, 108, 109]);
const plainTypes = new Set([6, 106, 301, 1701, 1702, 221, 222, 223, 224]);
const sessionTypes = new Set([306, 307]);

interface Session {
  readonly id: string;
  readonly openedAt: number;
  sent: number;
}

export interface BusinessUser {
  readonly phone: string;
  isBlocked: boolean;
  inRow: number;
  session: Session | undefined;
}

/** The number by which a message to a user is refused; 0 when it is taken. */
export function findRefusal(
  body: Body,
  serviceId: number,
  user: BusinessUser | undefined,
  now: number,
): number {
  const { type } = body;
  if (body['service_id'] !== serviceId) return 2;
  if (typeof type !== 'number' || !Number.isSafeInteger(body['seq'])) return 6;
  const fault = findTypeFault(type, body) || findContentFault(body);
  if (fault !== 0) return fault;
  if (user === undefined) return 9;
  if (user.isBlocked) return 8;
  return isOfSession(type) ? findSessionFault(user, now) : 0;
}

/** Whether messages of a type may be sent in a session alone. */
export function isOfSession(type: number): boolean {
  return sessionTypes.has(type);
}

export function isSessionOpen(session: Session | undefined, now: number): session is Session {
  return session !== undefined && now - session.openedAt <= sessionMs;
}

function findTypeFault(type: number, body: Body): number {
  if (!trackedTypes.has(type) && !untrackedTypes.has(type) && !plainTypes.has(type)) return 5;
  const hasTracking = readMessage(body)['#tracking_data'] !== undefined;
  return trackedTypes.has(type) !== hasTracking && !plainTypes.has(type) ? 6 : 0;
}

function findContentFault(body: Body): number {
  const { label, ttl } = body;
  const message = readMessage(body);
  if (!['transactional', 'promotion', 'session'].includes(String(label))) return 18;
  if (ttl !== undefined && (typeof ttl !== 'number' || ttl < 30 || ttl > 1_209_600)) return 20;
  if (toWords(message['#txt'] ?? '').length > 1000) return 3;
  if (toWords(message['#fileName'] ?? '').length > 25) return 29;
  return /^\d{5,15}$/.test(String(body['dest'])) ? 0 : 27;
}

function findSessionFault({ session, inRow }: BusinessUser, now: number): number {
  if (!isSessionOpen(session, now) || session.sent >= maxInSession) return 17;
  return inRow >= maxInRow ? 21 : 0;
}

function readMessage({ message }: Body): Body {
  return typeof message === 'object' && message !== null ? { ...message } : {};
}
