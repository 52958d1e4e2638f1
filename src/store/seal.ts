import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { GatewayError } from '../domain/errors.ts';

/** Seals small secrets for storage with AES-256-GCM. */
export interface Seal {
  seal(text: string): Buffer;
  /** Throws `store_corrupt` when the bytes were not sealed with this key or have been changed. */
  open(sealed: Uint8Array): string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** Makes the seal of a master key of 32 bytes. What is sealed for one purpose is opened by no other. */
export function createSeal(masterKey: Buffer, purpose = 'chasqui seal v1'): Seal {
  // A key in bytes is made into this for each call, for more than the call itself costs (Node 24; Node 26 does not).
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, '', purpose, 32)));
  return {
    seal(text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    open(sealed) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
          authTagLength: tagBytes,
        });
        decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
        return (
          decipher.update(sealed.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
        );
      } catch (cause) {
        throw new GatewayError(
          'wrong_master_key',
          'A stored secret cannot be opened: the master key does not fit this store.',
          { cause },
        );
      }
    },
  };
}
