import type { AccessKey, Account, TemporaryKey } from '../../domain/account.ts';
import { limitNames } from '../../domain/limits.ts';
import type { Limits } from '../../domain/limits.ts';
import type { SenderType } from '../../domain/channel.ts';
import type { Seal } from '../seal.ts';
import type { NewSender } from '../store.ts';
import { isUnreadable } from '../rows/corruption.ts';
import { readList, readObject } from '../rows/json-column.ts';

export interface KeyRow {
  readonly id: string;
  readonly account_id: number;
  readonly secret: Uint8Array;
  readonly state: AccessKey['state'];
  readonly name: string;
  readonly role: AccessKey['role'];
  readonly addresses: string;
  readonly limits: string;
  readonly account_limits: string;
  readonly created_at: number;
  readonly used_at: number | null;
}

export interface AccountRow {
  readonly id: number;
  readonly name: string;
  readonly first: number;
  readonly limits: string;
  readonly created_at: number;
}

/** An account from its row. */
export function toAccount({ id, name, first, limits, created_at }: AccountRow): Account {
  return { id, name, first: first === 1, limits: readAccountLimits(limits), createdAt: created_at };
}

export interface TemporaryKeyRow {
  readonly id: string;
  readonly account_id: number;
  readonly secret: Uint8Array;
  readonly security_token: Uint8Array;
  readonly queue_name: string;
  readonly created_at: number;
  readonly expires_at: number;
}

/** What every account's sandbox plays. */
export const sandboxSenders: readonly (NewSender & { type: SenderType })[] = [
  {
    id: '15550100001',
    type: 'whatsapp',
    name: 'Sandbox WhatsApp number',
    routeId: '15550100001',
    verification: 'verified',
  },
  { id: '100000000000001', type: 'messenger', name: 'Sandbox Messenger page', routeId: '100000000000001' },
  {
    id: '17840000000000001',
    type: 'instagram',
    name: 'Sandbox Instagram account',
    routeId: '17840000000000001',
  },
  { id: '10001', type: 'viber', name: 'Sandbox Viber service', routeId: '10001' },
];

/** An access key from its row. */
export function toKey(row: KeyRow, seal: Seal): AccessKey {
  return {
    id: row.id,
    accountId: row.account_id,
    secret: seal.open(row.secret),
    state: row.state,
    name: row.name,
    role: row.role,
    addresses: readList(row.addresses) as string[],
    limits: readLimits(row.limits),
    accountLimits: readAccountLimits(row.account_limits),
    createdAt: row.created_at,
    usedAt: row.used_at,
  };
}

/** A temporary key from its row. */
export function toTemporaryKey(row: TemporaryKeyRow, seal: Seal): TemporaryKey {
  return {
    id: row.id,
    accountId: row.account_id,
    secret: seal.open(row.secret),
    securityToken: seal.open(row.security_token),
    queueName: row.queue_name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** The same of an account, which is not cut off from everything where that cannot be read: the default of all holds then. */
export function readAccountLimits(text: string): Limits {
  try {
    return readLimits(text);
  } catch (error) {
    if (isUnreadable(error)) return {};
    throw error;
  }
}

/** Limits as they were written; what is no limit is not one that was set. */
export function readLimits(text: string): Limits {
  const written = readObject(text) as Readonly<Record<string, unknown>>;
  const known = limitNames.filter((name) => typeof written[name] === 'number');
  return Object.fromEntries(known.map((name) => [name, Number(written[name])]));
}
