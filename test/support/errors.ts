import { GatewayError } from '../../src/domain/errors.ts';
import type { ErrorCode } from '../../src/domain/errors.ts';

/** Makes a check, as assert.rejects takes one, that an error is ours and has this code. */
export function isGatewayError(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof GatewayError && error.code === code;
}
