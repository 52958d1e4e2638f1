// Versions of what several people change: who writes says which one he has seen, and an older one is refused.
import { createHash } from 'node:crypto';
import type { AccessKey, Account } from './account.ts';
import type { Channel, Sender } from './channel.ts';
import type { Destination } from './delivery.ts';
import { GatewayError } from './errors.ts';
import type { NoticeTarget } from './notice-target.ts';
import type { Queue } from './queue.ts';
import type { Template } from './template.ts';
import type { User } from './user.ts';

/**
 * What has to be so for a write to happen: nothing of that name is there (`absent`), something is (`present`), or it is as one of
 * these versions. Stores look at it in the transaction that writes.
 */
export type Expected =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'versions'; readonly versions: readonly string[] };

/**
 * Throws unless what is there is as expected; `version` is undefined when there is nothing. `already_exists` where there was to be
 * nothing, `changed_meanwhile` for everything else.
 */
export function requireExpected(expected: Expected | undefined, version: string | undefined): void {
  if (expected === undefined) return;
  if (expected.kind === 'absent') {
    if (version !== undefined) throw new GatewayError('already_exists');
    return;
  }
  if (version === undefined)
    throw new GatewayError('changed_meanwhile', 'It is not there, or not any more; nothing was changed.');
  if (expected.kind === 'versions' && !expected.versions.includes(version))
    throw new GatewayError('changed_meanwhile');
}

/**
 * The version of a channel. Secrets are not in it, so that nobody can guess them by it: a change of them shows in the time of the
 * last change, which stores let no two changes share.
 */
export function versionOfChannel(channel: Channel): string {
  const { credentials, ...told } = channel;
  return toVersion({ ...told, credentials: Object.keys(credentials).toSorted() });
}

export function versionOfSender({ webhook: _webhook, ...sender }: Sender): string {
  return toVersion(sender);
}

/** The version of webhook settings, of a sender or of a channel: of what they say. */
export function versionOfWebhook({ webhook }: Pick<Sender, 'webhook'> | Pick<Channel, 'webhook'>): string {
  return toVersion(webhook);
}

export function versionOfTemplate(template: Template): string {
  return toVersion(template);
}

/** The version of a queue's attributes; what is in the queue is not part of it. */
export function versionOfQueue({ id, attributes, createdAt, modifiedAt }: Queue): string {
  return toVersion({ id, attributes, createdAt, modifiedAt });
}

/** The version of how a destination is pushed to: of what an operator may set. */
export function versionOfDestination({ id, name, url, settings, state, stateSince }: Destination): string {
  return toVersion({ id, name, url, settings, state, stateSince });
}

/** The version of what an account may use. */
export function versionOfLimits({ id, limits }: Account): string {
  return toVersion({ id, limits });
}

/** The version of an access key: of what an owner may set, and whether it is active. */
export function versionOfKey(
  key: Omit<AccessKey, 'secret' | 'accountId' | 'accountLimits' | 'usedAt'>,
): string {
  const { id, name, role, addresses, limits, state, createdAt } = key;
  return toVersion({ id, name, role, addresses, limits, state, createdAt });
}

/** The version of a user: of what an owner may set. Of the password it is the salted hash, which nobody can guess by it. */
export function versionOfUser({ id, name, role, state, password, totpActive, createdAt }: User): string {
  return toVersion({ id, name, role, state, password, totpActive, createdAt });
}

/** The version of a target of notices. What is secret of it is not in it: a change of that shows in the time of the last change. */
export function versionOfNoticeTarget({
  url: _url,
  mail: _mail,
  secret: _secret,
  ...told
}: NoticeTarget): string {
  return toVersion(told);
}

/** The same for the same value, whatever the order of its members. */
function toVersion(value: object): string {
  return createHash('sha256')
    .update(JSON.stringify(toSorted(value)))
    .digest('base64url')
    .slice(0, 22);
}

function toSorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toSorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, toSorted(member)]),
  );
}
