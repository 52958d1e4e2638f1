// Instagram messaging (docs/protocols/messenger-instagram.md). Reference:
// developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/webhooks.
import type { Connector } from '../channel.ts';
import { toRemark, toWord } from '../kit/gatherer.ts';
import type { Found } from '../kit/gatherer.ts';
import { readComment, readMention } from './comments.ts';
import { createMessagingConnector } from '../messaging/connector.ts';
import type { MessagingDeps } from '../messaging/connector.ts';
import type { Change, Dialect } from '../messaging/parse.ts';

/** What is read where an option of the channel asks for it, and kept raw otherwise. */
const readers: Readonly<
  Record<string, { readonly option: string; readonly read: (change: Change) => Found }>
> = {
  comments: { option: 'comments', read: readComment },
  live_comments: { option: 'comments', read: readComment },
  mentions: { option: 'mentions', read: readMention },
};

/** Figures: kept raw. */
const keptFields = new Set(['story_insights']);

const dialect: Dialect = {
  object: 'instagram',
  sharesAreFiles: true,
  readChange,
};

function readChange(change: Change): Found | undefined {
  const { field, options } = change;
  const reader = Object.hasOwn(readers, field) ? readers[field] : undefined;
  if (reader !== undefined && options[reader.option] === true) return reader.read(change);
  return reader !== undefined || keptFields.has(field) ? toRemark('not_a_receipt', toWord(field)) : undefined;
}

export function createInstagramConnector(deps: MessagingDeps): Connector {
  return createMessagingConnector('instagram', dialect, deps);
}
