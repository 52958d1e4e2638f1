// Secrets that somebody may guess at this door: each try counts, whoever makes it.
import type { FastifyRequest } from 'fastify';
import type { AccountId } from '../../domain/account.ts';
import { GatewayError, RetryError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { User } from '../../domain/user.ts';
import { toVisitor } from '../../http/addresses.ts';
import type { Guessed, Lockout } from '../../http/lockout.ts';

/** Codes of tries by which nothing was guessed: a line was full, or a company's provider did not let an honest person in. */
const nothingGuessed: readonly ErrorCode[] = [
  'too_many',
  'sign_in_over',
  'sign_in_denied',
  'sign_in_no_role',
  'sign_in_disabled',
  'sign_in_unavailable',
];

/** Each try counts against its name and its visitor, whatever was wrong with it. Throws `too_many_tries`. */
export async function guard<T>(
  guesses: Lockout,
  request: FastifyRequest,
  guessed: Guessed,
  attempt: () => Promise<T>,
  isUndecided: (result: T) => boolean = () => false,
): Promise<T> {
  const visitor = toVisitor(request.ip);
  const waitMs = guesses.begin(guessed, visitor);
  if (waitMs > 0) throw new RetryError(waitMs);
  const result = await attempt().catch((error: unknown) => {
    if (error instanceof GatewayError && nothingGuessed.includes(error.code)) guesses.undo(guessed, visitor);
    throw error;
  });
  if (isUndecided(result)) guesses.undo(guessed, visitor);
  else guesses.succeed(guessed, visitor);
  return result;
}

/** What somebody guesses who tries to sign in with an access key. */
export function toGuessedKey(keyId: string): Guessed {
  return { kind: 'machine', name: `key/${keyId}` };
}

/** What somebody guesses who tries to sign in as a user. */
export function toGuessedUser(accountId: AccountId | undefined, name: string): Guessed {
  return { kind: 'person', name: `user/${accountId ?? ''}/${name}` };
}

/** A user who shows in his session that it is he. */
export function toConfirmed({ accountId, name }: User): Guessed {
  return { kind: 'person', name: `confirm/${accountId}/${name}` };
}
