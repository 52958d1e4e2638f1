// The SMS fallback that a message asks for, and what it lets through.
import type { FallbackWish } from '../../domain/fallback.ts';
import type { Envelope } from '../../domain/message.ts';
import { isOfParameter, Refusal, refusalCodes } from '../../domain/refusal.ts';
import { short, whole } from './given-message.ts';
import type { GivenFallback, GivenTemplateName } from './given-message.ts';

const durationSeconds = [10, 43_200] as const;
const maxContentLength = 2000;
const maxIdLength = 128;

/** What a message wants sent in its place, if anything. Throws a refusal where nobody sends it. */
export function readFallback(given: GivenFallback, hasSmsGateway: boolean): FallbackWish | undefined {
  const id = short('FallBackId', given.id, maxIdLength);
  const content = short('FallBackContent', given.content, maxContentLength);
  const seconds = whole('FallBackDuration', given.durationSeconds, durationSeconds);
  if (id === undefined && content === undefined) return undefined;
  if (!hasSmsGateway)
    throw new Refusal(
      'fallback_unavailable',
      'No SMS gateway is configured here (CHASQUI_SMS_GATEWAY_URL). Leave FallBackId and FallBackContent out.',
    );
  return {
    ...(id === undefined ? {} : { id }),
    ...(content === undefined ? {} : { content }),
    afterMs: seconds === undefined ? null : seconds * 1000,
    rule: given.rule ?? 'undelivered',
  };
}

/**
 * What `read` gives; where a rule of the business refuses it and the fallback's rule is `sentFailed`, a message that will fail for
 * that reason, so that the fallback goes out in its place.
 */
export async function orRefusal(
  wish: FallbackWish | undefined,
  { code, name, language }: GivenTemplateName,
  read: () => Partial<Envelope> | Promise<Partial<Envelope>>,
): Promise<Partial<Envelope>> {
  try {
    return await read();
  } catch (error) {
    if (wish?.rule !== 'sentFailed' || !(error instanceof Refusal) || isOfParameter(error)) throw error;
    return {
      ...(code === undefined ? {} : { templateCode: code }),
      ...(name === undefined ? {} : { templateName: name }),
      ...(language === undefined ? {} : { language }),
      refusal: { code: refusalCodes[error.reason], text: error.text },
    };
  }
}
