// Columns of JSON, read as what they were written as.
import { GatewayError } from '../../domain/errors.ts';

/** The object in a column; throws `store_corrupt`, or a SyntaxError, when there is none. */
export function readObject(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new GatewayError('store_corrupt', 'A row of the store holds JSON that is no object.');
}

/** The list in a column; throws `store_corrupt`, or a SyntaxError, when there is none. */
export function readList(text: string): readonly unknown[] {
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value)) return value;
  throw new GatewayError('store_corrupt', 'A row of the store holds JSON that is no list.');
}
