// Instagram messaging (channels 4). Reference: developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/webhooks.
import type { Client } from '../http/client.ts';
import type { Connector } from './channel.ts';
import { fetchFile } from './files.ts';
import { createGraph } from './graph.ts';
import type { GraphDeps } from './graph.ts';
import { createAccounts } from './messaging-accounts.ts';
import { createMessagingConnecting } from './messaging-connect.ts';
import { createMessagingSending } from './messaging-send.ts';
import { toWord } from './gatherer.ts';
import { parseMessaging, toRemark } from './messaging.ts';
import type { Dialect } from './messaging.ts';
import { answerChallenge, isSigned } from './meta.ts';

export interface InstagramDeps extends GraphDeps {
  readonly client: Pick<Client, 'get' | 'request'>;
  readonly now: () => number;
  /** Base of the Graph API of Instagram's own login, without its version. */
  readonly instagramUrl: string;
}

/** What people write in public, and figures: kept raw. */
const keptFields = new Set(['comments', 'live_comments', 'mentions', 'story_insights']);

const dialect: Dialect = {
  object: 'instagram',
  sharesAreFiles: true,
  readChange: ({ field }) => (keptFields.has(field) ? toRemark('not_a_receipt', toWord(field)) : undefined),
};

export function createInstagramConnector(deps: InstagramDeps): Connector {
  const graph = createGraph(deps);
  const accounts = createAccounts({ ...deps, graph });
  return {
    challenge: answerChallenge,
    verify: isSigned,
    parse: (body) => parseMessaging(dialect, body, deps.now()),
    ...createMessagingSending('instagram', { accounts, now: deps.now }),
    ...createMessagingConnecting('instagram', { accounts, graph, now: deps.now }),
    fetchMedia: (_channel, url) => fetchFile(deps.client, url),
  };
}
