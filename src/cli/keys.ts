import type { ApiClient, Page } from './api.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

interface Key {
  readonly id: string;
  readonly state: string;
  readonly createdAt: string;
  readonly secret?: string;
}

export async function listKeys(api: ApiClient, output: Output): Promise<void> {
  const { items } = await api.send<Page<Key>>('GET', '/api/v1/keys');
  output.result(
    toTable([['ID', 'STATE', 'CREATED'], ...items.map(({ id, state, createdAt }) => [id, state, createdAt])]),
    items,
  );
}

export async function createKey(api: ApiClient, output: Output): Promise<void> {
  showSecret(output, await api.send<Key>('POST', '/api/v1/keys'));
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

function showSecret(output: Output, key: Key): void {
  output.result(
    `access key id      ${key.id}\naccess key secret  ${key.secret ?? ''}\nThe secret is shown this once.`,
    key,
  );
}
