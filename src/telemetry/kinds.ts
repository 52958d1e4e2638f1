/**
 * What of the events is out of the ordinary, and of which kind: a line is due at any level for the first of each, and a count for those
 * that follow (`repeats.ts`). What has no kind is ordinary, and stands in the summary of its second (`summary.ts`).
 */
import type { EventName, Events } from './events.ts';

/** The kind of an event that is out of the ordinary; null when it is an ordinary one. */
type ToKind<N extends EventName> = (fields: Events[N]) => string | null;

const kinds: { readonly [N in EventName]?: ToKind<N> } = {
  'webhook.received': ({ channelId, outcome }) => (outcome === 'recorded' ? null : `${channelId} ${outcome}`),
  'event.remarked': ({ channelId, reason, detail }) => `${channelId} ${reason} ${detail}`,
  'delivery.attempted': ({ destinationId, outcome, status }) =>
    outcome === 'accepted' ? null : `${destinationId} ${outcome} ${status ?? ''}`,
  'delivery.died': ({ destinationId }) => String(destinationId),
  'message.sent': ({ channelId, outcome, code }) =>
    outcome === 'accepted' ? null : `${channelId} ${outcome} ${code}`,
  'channel.unrecognized': ({ channelId, call, code }) => `${channelId} ${call} ${code}`,
  'fallback.attempted': ({ accountId, outcome, status }) =>
    outcome === 'taken' ? null : `${accountId} ${outcome} ${status ?? ''}`,
  'template.removed': ({ channelId, outcome }) => (outcome === 'removed' ? null : `${channelId} ${outcome}`),
  'templates.adopted': ({ channelId, outcome }) => (outcome === 'taken' ? null : `${channelId} ${outcome}`),
  'media.fetched': ({ accountId, outcome }) => (outcome === 'stored' ? null : `${accountId} ${outcome}`),
  'cams.served': ({ operation, status, code }) => (isAmiss(status) ? `${operation} ${code}` : null),
  'smq.served': ({ operation, status, code }) => (isAmiss(status) ? `${operation} ${code ?? ''}` : null),
  'api.served': ({ method, route, status }) => (isAmiss(status) ? `${method} ${route} ${status}` : null),
  'company_sign_in.stepped': ({ step, outcome }) => (outcome === 'done' ? null : `${step} ${outcome}`),
  'notice.told': ({ targetId, outcome }) => (outcome === 'told' ? null : `${targetId} ${outcome}`),
  'database.sought': ({ reason }) => reason,
  'store.damaged': ({ what, kept }) => `${what} ${kept ?? ''}`,
  'store.failing': ({ error }) => toFault(error),
  'unit.crashed': ({ unit, error }) => `${unit} ${toFault(error)}`,
};

/** The kind of an event that is out of the ordinary; null when it is an ordinary one, or one that is bounded where it comes from. */
export function toKind<N extends EventName>(name: N, fields: Events[N]): string | null {
  return kinds[name]?.(fields) ?? null;
}

/** A fault of ours, or somebody without the right: what else a caller does wrong is his to see, in the answer. */
function isAmiss(status: number): boolean {
  return status >= 500 || status === 401 || status === 403;
}

/** An error by its name, its code and where it was made. */
function toFault(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error ? String(error.code) : '';
  const place = /^\s+at .*/m.exec((error.stack ?? '').slice(error.message.length))?.[0] ?? '';
  return `${error.name} ${code}${place}`;
}
