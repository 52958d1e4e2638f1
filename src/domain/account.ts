/** The numeric uid that owns everything; 1 to 16 digits, at most 2^53 - 1. Alibaba Cloud's account id. */
export type AccountId = number;

export interface Account {
  readonly id: AccountId;
  readonly name: string;
  readonly createdAt: number;
}

/** A long-lived key of an account. `secret` is clear text here and sealed in the store. */
export interface AccessKey {
  readonly id: string;
  readonly accountId: AccountId;
  readonly secret: string;
  readonly state: 'active' | 'disabled';
  readonly createdAt: number;
}

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

/** Who changes something: an access key, or `system` for what the service does by itself. */
export interface Actor {
  readonly kind: 'key' | 'system';
  readonly id: string;
}

export const system: Actor = { kind: 'system', id: 'chasqui' };

/** Reads a uid as written by people and tools; undefined when it is none. */
export function toAccountId(text: string): AccountId | undefined {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
}
