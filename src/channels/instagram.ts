// Instagram messaging (channels 4). Reference: developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/webhooks.
import type { Connector } from './channel.ts';
import { toWord } from './gatherer.ts';
import { createMessagingConnector } from './messaging-connector.ts';
import type { MessagingDeps } from './messaging-connector.ts';
import { toRemark } from './messaging-findings.ts';
import type { Dialect } from './messaging.ts';

/** What people write in public, and figures: kept raw. */
const keptFields = new Set(['comments', 'live_comments', 'mentions', 'story_insights']);

const dialect: Dialect = {
  object: 'instagram',
  sharesAreFiles: true,
  readChange: ({ field }) => (keptFields.has(field) ? toRemark('not_a_receipt', toWord(field)) : undefined),
};

export function createInstagramConnector(deps: MessagingDeps): Connector {
  return createMessagingConnector('instagram', dialect, deps);
}
