import type { AccountId, KeyRole } from './account.ts';

/** What people may do, each more than the one before: look; run the channels, deliveries and queues; manage users and keys. */
export const userRoles = ['viewer', 'operator', 'owner'] as const;
export type UserRole = (typeof userRoles)[number];

/** Who somebody is at an OpenID Connect provider: its name for itself, and its id of a person, which it gives to nobody else. */
export interface ProviderIdentity {
  readonly issuer: string;
  readonly subject: string;
}

/** A person who signs in to the console. */
export interface User {
  readonly accountId: AccountId;
  readonly id: string;
  /** In lower case and composed (NFC), unique in the account. */
  readonly name: string;
  readonly role: UserRole;
  readonly state: 'active' | 'disabled';
  /** A hash with its parameters; nothing, which fits no password, of a user with an identity. */
  readonly password: string;
  /** Of a user who signs in by the company's provider; null of one with a password here. */
  readonly identity: ProviderIdentity | null;
  /** Of a password that is good for one sign-in, which has to replace it: until when. Null of any other. */
  readonly passwordEndsAt: number | null;
  /** Of the authenticator app, in Base32, clear here and sealed in the store; null when there is none. */
  readonly totpSecret: string | null;
  /** Whether signing in takes a code; an app that has not proved itself yet is not asked. */
  readonly totpActive: boolean;
  /** Hashes of the recovery codes that are left, each good for one sign-in without the app. */
  readonly recoveryCodes: readonly string[];
  readonly createdAt: number;
  readonly signedInAt: number | null;
  /** About when he was last at work here; null when he never was. */
  readonly usedAt: number | null;
}

/** One browser that is signed in, as a user or with an access key. `hash` is that of the token, in hex. */
export interface Session {
  readonly accountId: AccountId;
  readonly hash: string;
  readonly userId: string | null;
  readonly keyId: string | null;
  readonly createdAt: number;
  readonly seenAt: number;
  /** When it ends unless it is used before. */
  readonly expiresAt: number;
  /** When it ends however much it is used. */
  readonly endsAt: number;
}

/** Whether one role may do what another may. */
export function isAtLeast(role: UserRole, least: UserRole): boolean {
  return userRoles.indexOf(role) >= userRoles.indexOf(least);
}

/** What the holder of an access key may do as a person; null for keys of one direction, which are for machines. */
export function toUserRole(role: KeyRole): UserRole | null {
  if (role === 'full') return 'owner';
  return role === 'read' ? 'viewer' : null;
}

/** Letters of any language with their marks; some letters cannot be seen at all (Hangul fillers), and so have no place in a name. */
const userName = /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,99}$/u;

/** A name as it is kept and compared: composed (NFC) and in lower case. Undefined for one that nobody can have. */
export function toUserName(text: string): string | undefined {
  const name = text.trim().normalize('NFC').toLowerCase().normalize('NFC');
  return userName.test(name) ? name : undefined;
}
