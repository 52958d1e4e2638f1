import { clip } from '../domain/cut.ts';
import type { NoticeMessage, Notify, ToldGroup } from '../domain/notice-message.ts';
import type { Client } from '../http/client.ts';
import { post, withoutUrl } from './judgement.ts';
import type { Ways } from './judgement.ts';

/** A message has at most 28 KB (Microsoft Learn, "Create Incoming Webhooks"). */
const maxText = 6000;

/**
 * A workflow answers 202 without a body. An incoming webhook of a connector answers 200 and `1`; another body with 200 tells what went
 * wrong behind it, too many requests (more than four a second) among that (Microsoft Learn, "Create Incoming Webhooks" and
 * "Microsoft Teams: When a Teams webhook request is received", read 2026-11-30).
 */
const ways: Ways = {
  isTold: (status, body) => status === 202 || (status === 200 && body === '1'),
  final: [400, 413],
};

/** Tells a channel of Microsoft Teams by the webhook of a workflow, or by one of an old connector. */
export function createTeams({
  client,
  now,
}: {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
}): Notify {
  return async ({ url }, message) =>
    url === null ? withoutUrl : post(client, { url, body: JSON.stringify(toBody(message)) }, ways, now());
}

/** An adaptive card of text runs, in which nothing is Markdown. */
function toBody({ title, groups, link, id }: NoticeMessage) {
  const each = Math.floor(maxText / Math.max(1, groups.length));
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            toRuns(title, 'Bolder'),
            ...groups.flatMap((group) => toBlocks(group, each)),
            toRuns([...(link === null ? [] : [link]), id].join(' ')),
          ],
        },
      },
    ],
  };
}

function toBlocks({ heading, lines }: ToldGroup, max: number) {
  return [toRuns(heading, 'Bolder'), toRuns(clip(lines.join('\n'), max))];
}

function toRuns(text: string, weight: 'Bolder' | 'Default' = 'Default') {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, weight }] };
}
