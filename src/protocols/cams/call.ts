// The operations for callers inside this process, who have been let in elsewhere.
import type { AccountId, Actor } from '../../domain/account.ts';
import type { Expected } from '../../domain/version.ts';
import { GatewayError } from '../../domain/errors.ts';
import { CamsError } from './errors.ts';
import type { Answer, OperationDeps } from './operation.ts';
import { camsVersion, findOperation } from './operations.ts';
import { Parameters } from './parameters.ts';

/** Whose call it is. */
interface CallOwner {
  readonly accountId: AccountId;
  readonly actor: Actor;
  /** Looked at by operations that change one thing, with `changed_meanwhile` when it is not so. */
  readonly expected?: Expected;
}

/**
 * Calls an operation with parameters by name; what is no text goes as JSON, and what is undefined is left out. Throws
 * `operation_refused` with the operation's own code and text, and `too_many`, `store_unavailable` as they are.
 */
export async function callOperation(
  deps: OperationDeps,
  owner: CallOwner,
  name: string,
  values: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const operation = findOperation(camsVersion, name);
  if (typeof operation === 'string') throw new Error(`There is no operation ${name}.`);
  const pairs = Object.entries(values).flatMap(([key, value]): [string, string][] => {
    if (value === undefined) return [];
    return [[key, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  try {
    return await operation.handle(deps, { ...owner, parameters: new Parameters(pairs) });
  } catch (error) {
    if (!(error instanceof CamsError)) throw error;
    throw new GatewayError('operation_refused', `${error.code}: ${error.message}`, { cause: error });
  }
}
