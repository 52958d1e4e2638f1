// The SMS fallback of a message: its wish, and what it lets through (docs/protocols/cams.md).
import { fallbackRules } from '../../domain/fallback.ts';
import type { FallbackWish } from '../../domain/fallback.ts';
import type { Envelope } from '../../domain/message.ts';
import { Refusal } from '../../domain/refusal.ts';
import { CamsError, fromRefusal } from './errors.ts';
import type { CamsSettings } from './operation.ts';
import type { Parameters } from './parameters.ts';

const minDurationSeconds = 10;
const maxDurationSeconds = 43_200;
const maxContentLength = 2000;
const maxIdLength = 128;

/** What FallBackId, FallBackContent, FallBackDuration and FallBackRule ask for. Throws SendSmsNotSupport where nobody sends it. */
export function readFallback(
  parameters: Parameters,
  { hasSmsGateway }: Pick<CamsSettings, 'hasSmsGateway'>,
): FallbackWish | undefined {
  const id = parameters.text('FallBackId', maxIdLength);
  const content = parameters.text('FallBackContent', maxContentLength);
  const seconds = parameters.number('FallBackDuration', minDurationSeconds, maxDurationSeconds);
  const rule = parameters.word('FallBackRule', fallbackRules) ?? 'undelivered';
  if (id === undefined && content === undefined) return undefined;
  if (!hasSmsGateway)
    throw CamsError.business(
      'InvalidParameter.SendSmsNotSupport',
      'No SMS gateway is configured here (CHASQUI_SMS_GATEWAY_URL). Leave FallBackId and FallBackContent out.',
    );
  return {
    ...(id === undefined ? {} : { id }),
    ...(content === undefined ? {} : { content }),
    afterMs: seconds === undefined ? null : seconds * 1000,
    rule,
  };
}

/**
 * What `read` gives; where it throws and the fallback's rule is `sentFailed`, a message that will fail for that reason, so that
 * the fallback goes out in its place.
 */
export async function orRefusal(
  wish: FallbackWish | undefined,
  parameters: Parameters,
  read: () => Partial<Envelope> | Promise<Partial<Envelope>>,
): Promise<Partial<Envelope>> {
  try {
    return await read();
  } catch (error) {
    if (wish?.rule !== 'sentFailed') throw error;
    const refused = error instanceof Refusal ? fromRefusal(error) : error;
    if (!(refused instanceof CamsError) || refused.status !== null) throw error;
    const text = (name: string, key: string) => {
      const value = parameters.text(name);
      return value === undefined ? {} : { [key]: value };
    };
    return {
      ...text('TemplateCode', 'templateCode'),
      ...text('TemplateName', 'templateName'),
      ...text('Language', 'language'),
      refusal: { code: refused.code, text: refused.message },
    };
  }
}
