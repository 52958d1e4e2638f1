// Codes of an authenticator app (RFC 6238): six digits, thirty seconds, SHA-1, as every app reads them.
import { Secret, TOTP } from 'otpauth';

const periodSeconds = 30;

/** Makes a secret for an app, in Base32, and the address that a QR code carries to it. */
export function createCodeSecret(name: string): { readonly secret: string; readonly uri: string } {
  const secret = new Secret({ size: 20 }).base32;
  return { secret, uri: toTotp(secret, name).toString() };
}

/** The time step of a code that is right now, or one step off either way; undefined for any other. */
export function findCodeStep(secret: string, code: string, now: number): number | undefined {
  const delta = toTotp(secret, '').validate({ token: code, timestamp: now, window: 1 });
  return delta === null ? undefined : Math.floor(now / 1000 / periodSeconds) + delta;
}

function toTotp(secret: string, label: string): TOTP {
  return new TOTP({
    issuer: 'Chasqui',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
    secret: Secret.fromBase32(secret),
  });
}
