import type { LimitChanges, Limits } from './limits.ts';

/** The numeric uid that owns everything; 1 to 16 digits, at most 2^53 - 1. Alibaba Cloud's account id. */
export type AccountId = number;

export interface Account {
  readonly id: AccountId;
  readonly name: string;
  /** Made at the first start: its owners make the other accounts. */
  readonly first: boolean;
  /** What it may use, as the first account's owners have set it. */
  readonly limits: Limits;
  readonly createdAt: number;
}

/**
 * What a key may do. `full`: everything. `send`: send messages, to users and to queues. `receive`: take receipts and queue
 * messages, and look at receipts. `read`: look at everything that is no secret.
 */
export const keyRoles = ['full', 'send', 'receive', 'read'] as const;
export type KeyRole = (typeof keyRoles)[number];

/** A long-lived key of an account. `secret` is clear text here and sealed in the store. */
export interface AccessKey {
  readonly id: string;
  readonly accountId: AccountId;
  readonly secret: string;
  readonly state: 'active' | 'disabled';
  readonly name: string;
  readonly role: KeyRole;
  /** Addresses and CIDR ranges that it may be used from; empty for any. */
  readonly addresses: readonly string[];
  /** What may be done by it, within what its account may. */
  readonly limits: Limits;
  /** What its account may use, so that one look-up tells both. */
  readonly accountLimits: Limits;
  readonly createdAt: number;
  /** About when it was last used; null when it never was. */
  readonly usedAt: number | null;
}

/** A key as it is made: of role `full`, without a name and usable from anywhere unless something else is said. */
export type NewKey = Pick<AccessKey, 'id' | 'accountId' | 'secret'> & KeySettings;

/** What of a key may be changed. */
export type KeySettings = Partial<Pick<AccessKey, 'name' | 'role' | 'addresses'>> & {
  readonly limits?: LimitChanges;
};

/** A short-lived key bound to one queue: it may receive, peek, delete and change visibility there and nothing else. */
export interface TemporaryKey {
  readonly id: string;
  readonly accountId: AccountId;
  readonly secret: string;
  readonly securityToken: string;
  readonly queueName: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** Who changes something: an access key, a user by his name, a holder of a portal link, or `system` for what the service does by itself. */
export interface Actor {
  readonly kind: 'key' | 'user' | 'portal' | 'system';
  readonly id: string;
}

/** For which account something is done, and by whom. */
export interface Principal {
  readonly accountId: AccountId;
  readonly actor: Actor;
}

export const system: Actor = { kind: 'system', id: 'chasqui' };
/** Whoever may read the store of this machine anyway, by a command. */
export const commandLine: Actor = { kind: 'system', id: 'command-line' };

/** Reads a uid as written by people and tools; undefined when it is none. */
export function toAccountId(text: string): AccountId | undefined {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
}
