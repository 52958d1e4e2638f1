// Instagram messaging (channels 4). Reference: developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/webhooks.
import type { Client } from '../http/client.ts';
import type { Connector } from './channel.ts';
import { fetchFile } from './files.ts';
import { parseMessaging, toRemark, toWord } from './messaging.ts';
import type { Dialect } from './messaging.ts';
import { answerChallenge, isSigned } from './meta.ts';

export interface InstagramDeps {
  readonly client: Pick<Client, 'get'>;
  readonly now: () => number;
}

/** What people write in public, and figures: kept raw. */
const keptFields = new Set(['comments', 'live_comments', 'mentions', 'story_insights']);

const dialect: Dialect = {
  object: 'instagram',
  sharesAreFiles: true,
  readChange: ({ field }) => (keptFields.has(field) ? toRemark('not_a_receipt', toWord(field)) : undefined),
};

export function createInstagramConnector(deps: InstagramDeps): Connector {
  return {
    challenge: answerChallenge,
    verify: isSigned,
    parse: (body) => parseMessaging(dialect, body, deps.now()),
    fetchMedia: (_channel, url) => fetchFile(deps.client, url),
  };
}
