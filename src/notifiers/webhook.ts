import { clip } from '../domain/cut.ts';
import type { Notice } from '../domain/notice.ts';
import type { NoticeMessage, Notify, Told, ToldGroup } from '../domain/notice-message.ts';
import { toTime } from '../domain/time.ts';
import type { Client } from '../http/client.ts';
import { post, toWorst, withoutUrl } from './judgement.ts';
import type { Ways } from './judgement.ts';

/** Any 2xx is taken. */
const ways: Ways = { isTold: (status) => status >= 200 && status <= 299, final: [] };

interface WebhookDeps {
  readonly client: Pick<Client, 'post'>;
  readonly now: () => number;
  /** The headers of a POST: its id, its signature where there is a secret, and the number of the try. */
  readonly toHeaders: (post: {
    readonly id: string;
    readonly at: number;
    readonly body: string;
    readonly secret: string | null;
    readonly attempt: number;
  }) => Readonly<Record<string, string>>;
}

/**
 * Posts JSON, one POST for each kind of notice and account: the first notice as members of its own, how many there were, and the first
 * few. Signed by Standard Webhooks where there is a secret; a repeat has the same id.
 */
export function createWebhook({ client, now, toHeaders }: WebhookDeps): Notify {
  return async ({ url, secret }, message) => {
    if (url === null) return withoutUrl;
    const bodies =
      message.groups.length === 0 ? [toTest(message)] : message.groups.map((group) => toBody(group, message));
    const tolds: Told[] = [];
    for (const { id, ...content } of bodies) {
      const body = JSON.stringify({ id, ...content });
      const headers = toHeaders({ id, at: now(), body, secret, attempt: message.attempt });
      const told = await post(client, { url, secret, headers, body }, ways, now());
      tolds.push(told);
      if (told.kind === 'later') break;
    }
    return toWorst(tolds);
  };
}

function toBody(
  { about, code, severity, state, count, heading, samples }: ToldGroup,
  { id, at }: NoticeMessage,
) {
  const [first] = samples;
  return {
    id: clip(`${id}_${about ?? 'service'}_${code}`, 255),
    ...(first === undefined
      ? { at: toTime(at), accountId: about, code, subject: '', text: heading, params: {} }
      : toJson(first)),
    severity,
    state,
    count,
    notices: samples.map(toJson),
  };
}

function toJson({ at, accountId, code, subject, text, params, findings, isOver }: Notice) {
  return {
    at: toTime(at),
    accountId,
    code,
    subject,
    text,
    params,
    ...(findings.length === 0 ? {} : { findings }),
    isOver,
  };
}

function toTest({ id, at, title, severity }: NoticeMessage) {
  return {
    id,
    at: toTime(at),
    accountId: null,
    code: 'test',
    subject: 'test',
    text: title,
    params: {},
    severity,
    count: 1,
  };
}
