import type { NoticeMessage, Notify } from '../domain/notice-message.ts';
import type { Client } from '../http/client.ts';
import { clip } from '../domain/cut.ts';
import { post, withoutUrl } from './judgement.ts';
import type { Ways } from './judgement.ts';

/** A text of a block has at most 3000 characters, and a message 50 blocks (Slack, "Block Kit: section block", read 2026-11-30). */
const maxText = 3000;
const maxBlocks = 45;

/**
 * `200` and `ok` is taken; 400 is about the message, 403, 404 and 410 about the channel, which a person mends (Slack, "Improving
 * error conditions for Incoming Webhooks"; Slack SDK for Python, "Webhook client"; both read 2026-11-30). A channel takes one message a
 * second; 429 says by Retry-After how long to wait.
 */
const ways: Ways = { isTold: (status, body) => status === 200 && body === 'ok', final: [400, 413] };

/** Tells a channel of Slack by its incoming webhook. */
export function createSlack({
  client,
  now,
}: {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
}): Notify {
  return async ({ url }, message) =>
    url === null ? withoutUrl : post(client, { url, body: JSON.stringify(toBody(message)) }, ways, now());
}

/** Texts are plain: nothing in them is a link, a mention or a picture. */
function toBody({ title, groups, link, id }: NoticeMessage) {
  const texts = groups.map(({ heading, lines }) => [heading, ...lines].join('\n'));
  const footer = [...(link === null ? [] : [link]), id].join('\n');
  return {
    text: escape(title),
    blocks: [title, ...texts.slice(0, maxBlocks), footer].map((text) => ({
      type: 'section',
      text: { type: 'plain_text', text: clip(text, maxText), emoji: false },
    })),
  };
}

/** The three characters that begin something in a text that is shown where blocks are not (Slack, "Formatting text"). */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
