// What is written down on paper and typed in once: recovery codes, and a password for one sign-in.
import { createHash, randomInt } from 'node:crypto';
import { isEqual } from '../../domain/equality.ts';
import type { User } from '../../domain/user.ts';

/** Digits and letters but those that are taken for one another when they are read (0 and o, 1 and l and i, u and v). */
const alphabet = '23456789abcdefghjkmnpqrstvwxyz';
const groupLength = 4;
const recoveryCodeCount = 10;

/** Draws so many groups of four characters, with a hyphen between two; four hold 78 bits. */
export function drawCode(groups: number): string {
  const draw = () => alphabet.charAt(randomInt(alphabet.length));
  return Array.from({ length: groups }, () => Array.from({ length: groupLength }, draw).join('')).join('-');
}

/** Makes a user's recovery codes, and their hashes, which alone are kept. */
export function drawRecoveryCodes({ id }: Pick<User, 'id'>): {
  readonly codes: readonly string[];
  readonly hashes: readonly string[];
} {
  const codes = Array.from({ length: recoveryCodeCount }, () => drawCode(4));
  return { codes, hashes: codes.map((code) => hashCode(id, code)) };
}

/**
 * The hash of a recovery code that a user has left; undefined for any other code. It is read without regard to case, hyphens and blanks,
 * and compared with each in a time that tells nothing.
 */
export function findRecoveryCode(
  { id, recoveryCodes }: Pick<User, 'id' | 'recoveryCodes'>,
  code: string,
): string | undefined {
  const hash = hashCode(id, code);
  return recoveryCodes.filter((known) => isEqual(known, hash))[0];
}

/** Salted by the user, whose id is 122 random bits: a quick hash is enough for what nobody chose. */
function hashCode(userId: string, code: string): string {
  const plain = code.toLowerCase().replace(/[\s-]/g, '');
  return createHash('sha256').update(`${userId}\n${plain}`).digest('base64url');
}
