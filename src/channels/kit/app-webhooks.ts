// Where a Meta app posts its webhooks, and whether anybody answers there (docs/protocols/meta.md): for all three of Meta's channels.
import type { Channel } from '../../domain/channel.ts';
import { checked } from '../../domain/findings.ts';
import type { Client } from '../../http/client.ts';
import { isFailure } from '../../http/client.ts';
import { callbackCheck, toUnanswered } from './callback-check.ts';
import type { Check } from '../channel.ts';
import type { Graph } from './graph.ts';
import { listAll } from './graph-lists.ts';
import { toObjects, toText } from './json.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

/** What an app has posted of one object, and where. */
interface AppWebhook {
  /** Empty where the app posts nothing of it. */
  readonly callbackUrl: string;
  readonly fields: readonly string[];
}

/**
 * Reads the webhook of an app for an `object` such as `page`, with the app's own token, which is its id and its secret.
 * Undefined when Meta does not tell. Never throws. https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/
 */
export async function readAppWebhook(
  { graph, monotonic }: { readonly graph: Graph } & Stopwatch,
  { appId, appSecret }: { readonly appId: string; readonly appSecret: string },
  object: string,
): Promise<AppWebhook | undefined> {
  const path = [appId, 'subscriptions'];
  const listed = await listAll({
    monotonic,
    ask: (query) => graph({ method: 'GET', path, token: `${appId}|${appSecret}`, query }),
    pick: (subscription) => (subscription['object'] === object ? subscription : undefined),
    isEnough: (found) => found.length > 0,
  });
  if (listed.kind !== 'ok') return undefined;
  const [found] = listed.items;
  if (found === undefined && !listed.isWhole) return undefined;
  return {
    callbackUrl: toText(found?.['callback_url']) ?? '',
    fields: toObjects(found?.['fields']).flatMap((field) => toText(field['name']) ?? []),
  };
}

/** Makes the same call to a channel's webhook that Meta makes when it is set. Never throws. */
export async function checkCallback(
  client: Pick<Client, 'request'>,
  channel: Channel,
  webhookUrl: string,
): Promise<Check> {
  const challenge = '1158201444';
  const query = new URLSearchParams({
    'hub.mode': 'subscribe',
    'hub.challenge': challenge,
    'hub.verify_token': channel.credentials['verifyToken'] ?? '',
  });
  const answer = await client.request(`${webhookUrl}?${query.toString()}`, {
    method: 'GET',
    headers: {},
    timeoutMs: 10_000,
    maxBytes: 1024,
  });
  if (isFailure(answer)) return toUnanswered(webhookUrl, answer);
  const ok = answer.status === 200 && answer.body.toString() === challenge;
  const finding = ok
    ? checked('callback_answers', {})
    : checked('callback_wrong', { url: webhookUrl, status: answer.status });
  return { name: callbackCheck, ok, ...finding };
}
