// What of an event is kept as its facts, and what as content that can be erased.
import { createHash } from 'node:crypto';
import type { ChannelEvent, InboundContent, ReceiptFacts } from '../../domain/receipt.ts';
import type { NewReceipt } from '../../store/store.ts';

/**
 * Parts an event under its receipt's id. `facts` are those of the event, as far as they are told under our own ids. What stands beside
 * a user's words is as much the user's, and is content; of what a channel tells of itself it is a fact.
 */
export function partContent(
  event: Pick<ChannelEvent, 'content' | 'media' | 'extra'>,
  facts: ReceiptFacts,
  receiptId: string,
): Pick<NewReceipt, 'facts' | 'content' | 'media'> {
  const { extra } = event;
  const media = event.media === undefined ? null : { ...event.media, id: toMediaId(receiptId) };
  if (facts.type !== 'ChatAppInbound')
    return { facts: extra === undefined ? facts : { ...facts, extra }, content: null, media };
  if (event.content === undefined && extra === undefined) return { facts, content: null, media };
  const content: InboundContent = {
    ...event.content,
    ...(extra === undefined ? {} : { extra }),
    ...(media === null
      ? {}
      : {
          media: {
            id: media.id,
            mimeType: media.mimeType,
            channelMediaId: media.shownId ?? media.channelMediaId,
            ...(media.fileName === undefined ? {} : { fileName: media.fileName }),
          },
        }),
  };
  return { facts, content, media };
}

function toMediaId(receiptId: string): string {
  return createHash('sha256').update(`media/${receiptId}`).digest('hex').slice(0, 32);
}
