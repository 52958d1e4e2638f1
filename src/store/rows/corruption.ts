// What tells that a row is there and yet cannot be read.
import { GatewayError } from '../../domain/errors.ts';

/** Whether an error that the mapping of a row threw is about the row's own JSON, seal or packed bytes. */
export function isUnreadable(error: unknown): boolean {
  if (error instanceof GatewayError) return /^(store_corrupt|wrong_master_key)$/.test(error.code);
  if (error instanceof SyntaxError) return true;
  // zlib's, of a raw event.
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^Z_(DATA|BUF)_ERROR$/.test(error.code)
  );
}
