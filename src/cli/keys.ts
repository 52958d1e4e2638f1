import type { AnsweredPage, ApiClient } from './api-client.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly addresses: readonly string[];
  readonly usedAt: string | null;
  readonly state: string;
  readonly createdAt: string;
  readonly secret?: string;
}

export async function listKeys(api: ApiClient, output: Output): Promise<void> {
  const { items } = await api.send<AnsweredPage<Key>>('GET', '/api/v1/keys');
  output.result(
    toTable([
      ['ID', 'NAME', 'ROLE', 'FROM', 'STATE', 'CREATED', 'LAST USED'],
      ...items.map(({ id, name, role, addresses, state, createdAt, usedAt }) => [
        id,
        name,
        role,
        addresses.length === 0 ? 'anywhere' : addresses.join(','),
        state,
        createdAt,
        usedAt ?? 'never',
      ]),
    ]),
    items,
  );
}

/** What a new key is called, what it may do, and from where. */
interface KeyOptions {
  readonly name?: string;
  readonly role?: string;
  readonly addresses?: readonly string[];
}

export async function createKey(api: ApiClient, output: Output, options: KeyOptions): Promise<void> {
  showSecret(output, await api.send<Key>('POST', '/api/v1/keys', options));
}

interface Account {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
}

/** Lists the accounts of the server; takes a key of the first one. */
export async function listAccounts(api: ApiClient, output: Output): Promise<void> {
  const { items } = await api.send<AnsweredPage<Account>>('GET', '/api/v1/accounts');
  output.result(
    toTable([['ID', 'NAME', 'CREATED'], ...items.map(({ id, name, createdAt }) => [id, name, createdAt])]),
    items,
  );
}

/** Makes an account with its first key; takes a key of the first one. */
export async function createAccount(
  api: ApiClient,
  output: Output,
  options: { readonly name: string; readonly id?: string },
): Promise<void> {
  const { account, key } = await api.send<{ account: Account; key: Key }>(
    'POST',
    '/api/v1/accounts',
    options,
  );
  output.result(
    `account            ${account.id}\naccess key id      ${key.id}\naccess key secret  ${key.secret ?? ''}\nThe secret is shown this once.`,
    { account, key },
  );
}

export async function setKey(
  api: ApiClient,
  output: Output,
  id: string,
  verb: 'enable' | 'disable',
): Promise<void> {
  const key = await api.send<Key>('POST', `/api/v1/keys/${encodeURIComponent(id)}/${verb}`);
  output.result(`Key ${key.id} is ${key.state}.`, key);
}

/** Makes a new key in the place of an old one, which is disabled unless `keepOld`. */
export async function rotateKey(api: ApiClient, output: Output, id: string, keepOld: boolean): Promise<void> {
  showSecret(
    output,
    await api.send<Key>('POST', `/api/v1/keys/${encodeURIComponent(id)}/rotate`, { keepOld }),
  );
}

/** Shows a key with its secret, which is told this once. */
export function showSecret(output: Output, key: Pick<Key, 'id' | 'secret'>): void {
  output.result(
    `access key id      ${key.id}\naccess key secret  ${key.secret ?? ''}\nThe secret is shown this once.`,
    key,
  );
}
