// Temporary keys: those whose security token carries all of them, and those that a person asked for, which the store keeps.
import { randomBytes } from 'node:crypto';
import type { Principal, TemporaryKey } from '../../domain/account.ts';
import { isEqual } from '../../domain/equality.ts';
import type { Directory } from '../../store/directory.ts';
import { createSeal } from '../../store/seal.ts';
import type { Store, TemporaryKeys } from '../../store/store.ts';

interface TemporaryKeyDeps {
  /** 32 bytes, the same on every node. */
  readonly masterKey: Buffer;
  readonly store: Pick<Store, 'findTemporaryKey'>;
  readonly directory: Pick<Directory, 'key'>;
  readonly now: () => number;
}

/** What a token is sealed from. */
interface Carried extends Omit<TemporaryKey, 'securityToken'> {
  readonly issuerId: string;
}

/** Sets a token that carries its key apart from those in the store, which have no dot. */
const prefix = '1.';

/** Seconds that a key which a person asked for is good, where he does not say. */
const queueKeySeconds = 3600;

/** Makes a key for a person that may only receive from one queue; the store keeps it. */
export async function makeQueueKey(
  { store, now }: { readonly store: Pick<Store, 'createTemporaryKey'>; readonly now: () => number },
  { accountId, actor }: Principal,
  queueName: string,
  seconds = queueKeySeconds,
): Promise<TemporaryKey> {
  const createdAt = now();
  const key = {
    ...drawKey(),
    securityToken: randomBytes(48).toString('base64url'),
    accountId,
    queueName,
    createdAt,
    expiresAt: createdAt + seconds * 1000,
  };
  await store.createTemporaryKey(key, actor);
  return key;
}

function drawKey(): Pick<TemporaryKey, 'id' | 'secret'> {
  return { id: `STS.${randomBytes(12).toString('hex')}`, secret: randomBytes(24).toString('base64url') };
}

export function createTemporaryKeys({ masterKey, store, directory, now }: TemporaryKeyDeps): TemporaryKeys {
  const seal = createSeal(masterKey, 'chasqui queue token v1');

  /** What a token carries; undefined when it was not sealed here. */
  function open(securityToken: string): Carried | undefined {
    try {
      // Only what was sealed by `issue` opens.
      return JSON.parse(seal.open(Buffer.from(securityToken.slice(prefix.length), 'base64url'))) as Carried;
    } catch {
      // Made up, cut short, or of another master key: there is no such key.
      return undefined;
    }
  }

  return {
    issue: ({ accountId, queueName, expiresAt, issuerId }) => {
      const key = { ...drawKey(), accountId, queueName, createdAt: now(), expiresAt };
      const carried: Carried = { ...key, issuerId };
      const sealed = seal.seal(JSON.stringify(carried)).toString('base64url');
      return { ...key, securityToken: prefix + sealed };
    },
    find: async (keyId, securityToken) => {
      if (!securityToken.startsWith(prefix)) {
        const stored = await store.findTemporaryKey(keyId);
        return stored !== undefined && isEqual(stored.securityToken, securityToken)
          ? { ...stored, issuer: null }
          : undefined;
      }
      const carried = open(securityToken);
      if (carried?.id !== keyId) return undefined;
      const { issuerId, ...key } = carried;
      const issuer = await directory.key(issuerId);
      const mayReceive = issuer?.role === 'full' || issuer?.role === 'receive';
      if (issuer?.state !== 'active' || issuer.accountId !== key.accountId || !mayReceive) return undefined;
      return { ...key, securityToken, issuer };
    },
  };
}
