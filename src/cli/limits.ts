import type { ApiClient } from './api-client.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';
import { GatewayError } from '../domain/errors.ts';
import { limitNames } from '../domain/limits.ts';
import type { LimitChanges, LimitName } from '../domain/limits.ts';

type AccountLimits = Readonly<
  Record<
    LimitName,
    { readonly limit: number | null; readonly set: number | null; readonly used: number | null }
  >
>;

const titles: Readonly<Record<LimitName, string>> = {
  requestsPerSecond: 'requests a second (each node)',
  queuedMessages: 'messages in queues',
  storedBytes: 'bytes of files',
};

/** A number, or the word for what holds where nothing is set. */
export type GivenLimit = number | 'default';

/** Reads a limit as people write it: a number, `none`, or `default` for what holds where nothing is set. Throws `bad_command`. */
export function toLimit(text: string): GivenLimit {
  if (text === 'default') return 'default';
  if (text === 'none') return 0;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new GatewayError('bad_command', 'A limit is a whole number, none, or default.');
}

/** Shows what an account may use and uses: the caller's own where none is named. */
export async function showLimits(
  api: ApiClient,
  output: Output,
  accountId: string | undefined,
): Promise<void> {
  show(output, await api.send<AccountLimits>('GET', toPath(accountId)));
}

/** Sets what an account may use; takes a key of the first one. */
export async function setLimits(
  api: ApiClient,
  output: Output,
  accountId: string,
  changes: LimitChanges,
): Promise<void> {
  requireSome(changes);
  show(output, await api.send<AccountLimits>('PATCH', toPath(accountId), changes));
}

/** Sets what may be done with a key, within what its account may. */
export async function setKeyLimits(
  api: ApiClient,
  output: Output,
  keyId: string,
  changes: LimitChanges,
): Promise<void> {
  requireSome(changes);
  const path = `/api/v1/keys/${encodeURIComponent(keyId)}`;
  const key = await api.send<{ limits: Readonly<Record<LimitName, number | null>> }>('PATCH', path, {
    limits: changes,
  });
  output.result(
    toTable([['LIMIT', 'OF THE KEY'], ...limitNames.map((name) => [titles[name], toText(key.limits[name])])]),
    key,
  );
}

function toPath(accountId: string | undefined): string {
  return accountId === undefined
    ? '/api/v1/limits'
    : `/api/v1/accounts/${encodeURIComponent(accountId)}/limits`;
}

function requireSome(changes: LimitChanges): void {
  if (Object.keys(changes).length === 0)
    throw new GatewayError(
      'bad_command',
      'Say what to set: --requests-per-second, --queued-messages or --stored-bytes.',
    );
}

function show(output: Output, limits: AccountLimits): void {
  const rows = limitNames.map((name) => {
    const { limit, set, used } = limits[name];
    return [
      titles[name],
      toText(limit),
      set === null ? 'default' : toText(set),
      used === null ? '' : String(used),
    ];
  });
  output.result(toTable([['LIMIT', 'IN FORCE', 'SET', 'IN USE'], ...rows]), limits);
}

function toText(limit: number | null): string {
  return limit === null || limit === 0 ? 'none' : String(limit);
}
