// What becomes of a sender's webhook settings when parts of another's are copied over them.
import type { SenderWebhook } from '../../api/model.ts';

/** The settings of a sender, without what the service tells of them. */
type WebhookSettings = Pick<
  SenderWebhook,
  'http' | 'queue' | 'statusUrl' | 'inboundUrl' | 'types' | 'lateStatuses'
>;

/** What can be copied by itself, and the settings that belong to it. */
const webhookParts = {
  types: ['types'],
  http: ['http', 'statusUrl', 'inboundUrl'],
  queue: ['queue'],
  late: ['lateStatuses'],
} as const satisfies Readonly<Record<string, readonly (keyof WebhookSettings)[]>>;

export type WebhookPart = keyof typeof webhookParts;
export const webhookPartNames = Object.keys(webhookParts) as readonly WebhookPart[];

/** The settings alone; of the types the order says nothing. */
function toSettings({
  http,
  queue,
  statusUrl,
  inboundUrl,
  types,
  lateStatuses,
}: WebhookSettings): WebhookSettings {
  return { http, queue, statusUrl, inboundUrl, types: types.toSorted(), lateStatuses };
}

/** The target's settings with these parts of the source's in their places. */
export function toCopied(
  source: WebhookSettings,
  target: WebhookSettings,
  parts: readonly WebhookPart[],
): WebhookSettings {
  const from = toSettings(source);
  const members = parts.flatMap((part): readonly (keyof WebhookSettings)[] => webhookParts[part]);
  return { ...toSettings(target), ...Object.fromEntries(members.map((member) => [member, from[member]])) };
}

/** Which of these parts say something else in the one than in the other. */
export function findDifferences(
  source: WebhookSettings,
  target: WebhookSettings,
  parts: readonly WebhookPart[],
): readonly WebhookPart[] {
  const from = toSettings(source);
  const to = toSettings(target);
  return parts.filter((part) =>
    webhookParts[part].some((member) => JSON.stringify(from[member]) !== JSON.stringify(to[member])),
  );
}
