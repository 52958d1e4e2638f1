// The form post of object storage: a policy in Base64 that the uploader signed, and the fields it speaks of.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isDeeper } from '../../domain/json-depth.ts';
import { uploadBucket } from '../../core/media/upload-links.ts';
import type { SizeBounds } from '../../core/media/uploads.ts';
import { UploadError } from './upload-error.ts';

/** The document, its conditions, one of them, and the values that it allows. */
const maxPolicyDepth = 8;

/** Fields of a form by their names in lower case. */
export type Fields = ReadonlyMap<string, string>;

/** Whether `secret` signed the policy: HMAC-SHA1 in Base64. Constant time. */
export function isPolicySigned(policy: string, signature: string, secret: string): boolean {
  const expected = createHmac('sha1', secret).update(policy).digest();
  const given = Buffer.from(signature, 'base64');
  return given.byteLength === expected.byteLength && timingSafeEqual(expected, given);
}

/**
 * Checks the fields against a policy and reads how large the file may be. Throws InvalidPolicyDocument for one that cannot be
 * read, AccessDenied for one that is over or that the fields do not keep.
 */
export function checkPolicy(policy: string, fields: Fields, now: number): SizeBounds {
  let document: unknown;
  const text = Buffer.from(policy, 'base64').toString('utf8');
  if (isDeeper(text, maxPolicyDepth))
    throw new UploadError('InvalidPolicyDocument', 'The policy is nested too deeply.');
  try {
    document = JSON.parse(text);
  } catch {
    throw new UploadError('InvalidPolicyDocument', 'The policy is not JSON in Base64.');
  }
  const { expiration, conditions } = (document ?? {}) as { expiration?: unknown; conditions?: unknown };
  const until = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(until) || !Array.isArray(conditions))
    throw new UploadError('InvalidPolicyDocument', 'The policy needs an expiration and conditions.');
  if (until <= now) throw new UploadError('AccessDenied', 'The policy has expired.');
  let bounds: SizeBounds = { minBytes: 0, maxBytes: Number.MAX_SAFE_INTEGER };
  for (const condition of conditions as unknown[]) {
    const range = toRange(condition);
    if (range !== undefined) bounds = range;
    else checkCondition(condition, fields);
  }
  return bounds;
}

function toRange(condition: unknown): SizeBounds | undefined {
  if (!Array.isArray(condition) || condition[0] !== 'content-length-range') return undefined;
  const [, minBytes, maxBytes] = condition as unknown[];
  if (typeof minBytes === 'number' && typeof maxBytes === 'number' && minBytes >= 0 && maxBytes >= minBytes)
    return { minBytes, maxBytes };
  throw new UploadError('InvalidPolicyDocument', 'content-length-range needs two numbers.');
}

/** `{"name": value}`, or `["eq" | "starts-with" | "in" | "not-in", "$name", what]`. */
function checkCondition(condition: unknown, fields: Fields): void {
  const tests: readonly (readonly [operator: string, name: string, what: unknown])[] = Array.isArray(
    condition,
  )
    ? [[String(condition[0]), String(condition[1]).replace(/^\$/, ''), condition[2]]]
    : Object.entries(condition ?? {}).map(([name, what]) => ['eq', name, what] as const);
  if (tests.length === 0)
    throw new UploadError('InvalidPolicyDocument', 'A condition of the policy is empty.');
  for (const [operator, name, what] of tests) {
    const lower = name.toLowerCase();
    const value = lower === 'bucket' ? uploadBucket : (fields.get(lower) ?? '');
    if (!isKept(operator, value, what))
      throw new UploadError('AccessDenied', `The form does not keep the policy's condition on ${name}.`);
  }
}

function isKept(operator: string, value: string, what: unknown): boolean {
  switch (operator) {
    case 'eq':
      return value === what;
    case 'starts-with':
      return typeof what === 'string' && value.startsWith(what);
    case 'in':
      return Array.isArray(what) && what.includes(value);
    case 'not-in':
      return Array.isArray(what) && !what.includes(value);
    default:
      throw new UploadError(
        'InvalidPolicyDocument',
        `The policy has a condition ${operator}, which is unknown.`,
      );
  }
}
