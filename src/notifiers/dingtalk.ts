import { createHmac } from 'node:crypto';
import { clip } from '../domain/cut.ts';
import type { NoticeMessage, Notify, Told } from '../domain/notice-message.ts';
import type { Client } from '../http/client.ts';
import { post, withoutUrl } from './judgement.ts';
import type { Ways } from './judgement.ts';

/** Bytes of a message are at most 20,000; a Chinese character takes three. */
const maxText = 6000;
/** A robot takes 20 messages a minute, and none for ten minutes after more (DingTalk, 自定义机器人接入, read 2026-11-30). */
const throttledMs = 10 * 60_000;
const tooFastCodes = [130101, 660026];

/**
 * Only `errcode` 0 is taken, whatever the status says: a signature, a keyword or an address that is wrong (310000) and too many
 * messages (130101) come with 200 (DingTalk, 自定义机器人接入 and 自定义机器人安全设置, read 2026-11-30).
 */
const ways: Ways = {
  isTold: (status, body) => status === 200 && readCode(body) === 0,
  final: [],
  throttledMs,
  read: (_status, body): Told | undefined => {
    const code = readCode(body);
    if (code === undefined || !tooFastCodes.includes(code)) return undefined;
    return { kind: 'later', reason: `It has had too many messages (${code}).`, askedMs: throttledMs };
  },
};

/** Tells a group of DingTalk by its robot's webhook, signed where the robot has a secret. */
export function createDingtalk({
  client,
  now,
}: {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
}): Notify {
  return async ({ url, secret }, message) => {
    if (url === null) return withoutUrl;
    const at = now();
    const signed = secret === null ? url : sign(url, secret, at);
    return post(client, { url: signed, secret, body: JSON.stringify(toBody(message)) }, ways, at);
  };
}

/** A text of DingTalk is plain, and calls nobody who is not named beside it. */
function toBody({ title, groups, link, id }: NoticeMessage) {
  const texts = groups.map(({ heading, lines }) => [heading, ...lines].join('\n'));
  const content = [title, ...texts].join('\n\n');
  const footer = [...(link === null ? [] : [link]), id].join('\n');
  return { msgtype: 'text', text: { content: `${clip(content, maxText)}\n\n${footer}` } };
}

/** The time in ms and the HMAC of it and the secret go into the query (自定义机器人安全设置: 加签). */
function sign(url: string, secret: string, at: number): string {
  const signed = new URL(url);
  signed.searchParams.set('timestamp', String(at));
  signed.searchParams.set('sign', createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64'));
  return signed.href;
}

function readCode(body: string): number | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('errcode' in value)) return undefined;
    return typeof value.errcode === 'number' ? value.errcode : undefined;
  } catch {
    // A page of a proxy, or nothing.
    return undefined;
  }
}
