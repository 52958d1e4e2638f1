import type { Principal } from '../../domain/account.ts';
import { rotatableCredentials } from '../../domain/channel.ts';
import type { Channel } from '../../domain/channel.ts';
import { FieldError, GatewayError } from '../../domain/errors.ts';
import { faultOf, faultTexts } from '../../domain/faults.ts';
import { toTime } from '../../domain/time.ts';
import type { Store } from '../../store/store.ts';

interface RotationDeps {
  readonly store: Pick<Store, 'changeChannel'>;
  readonly now: () => number;
}

/** Credentials by name that take the place of those that are there, and how long an old secret is taken as well. */
interface Rotation {
  readonly credentials: Readonly<Record<string, string>>;
  readonly overlapMs: number;
}

/** The names of those that were changed and of those whose old secret is taken as well, until when. */
interface Rotated {
  readonly rotated: readonly string[];
  readonly kept: readonly string[];
  readonly keptUntil: string | null;
}

/**
 * Changes credentials of a channel; an old secret that verifies webhooks is taken along for a while. Throws `changed_meanwhile` when
 * they are not any more what the channel has here.
 */
export async function rotateCredentials(
  { store, now }: RotationDeps,
  { accountId, actor }: Principal,
  channel: Channel,
  { credentials, overlapMs }: Rotation,
): Promise<Rotated> {
  const rotated = Object.keys(credentials);
  if (rotated.length === 0)
    throw new FieldError(
      'bad_request',
      'credentials',
      `credentials: ${faultTexts.credentials_empty}`,
      faultOf('credentials_empty'),
    );
  const until = toTime(now() + overlapMs);
  const change = { credentials: toRotated(channel, credentials, until) };
  if (!(await store.changeChannel(accountId, channel.id, change, actor, channel.credentials)))
    throw new GatewayError(
      'changed_meanwhile',
      'The credentials were changed by somebody else at the same time. Look at them, and rotate again.',
    );
  const kept = Object.keys(change.credentials).filter(
    (name) => change.credentials[`${name}PreviousUntil`] === until,
  );
  return { rotated, kept, keptUntil: kept.length === 0 ? null : until };
}

/** The credentials with the new ones in their places, and the old secrets beside them until their time is over. */
function toRotated(
  { credentials }: Channel,
  given: Readonly<Record<string, string>>,
  until: string,
): Record<string, string> {
  const rotated: Record<string, string> = { ...credentials };
  for (const [name, value] of Object.entries(given)) {
    const old = rotated[name];
    if (old !== undefined && old !== value && rotatableCredentials.some((one) => one === name)) {
      rotated[`${name}Previous`] = old;
      rotated[`${name}PreviousUntil`] = until;
    }
    rotated[name] = value;
  }
  return rotated;
}
