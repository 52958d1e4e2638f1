// The form post of object storage: a policy in Base64 that the uploader signed, and the fields it speaks of.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isDeeper } from '../../domain/json-depth.ts';
import { uploadBucket } from '../../core/media/upload-links.ts';

/** The document, its conditions, one of them, and the values that it allows. */
const maxPolicyDepth = 8;

/** What the upload address answers, as object storage names it, with its HTTP status. */
export const uploadFaults = {
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  InvalidSecurityToken: 403,
  SecurityTokenExpired: 403,
  SignatureDoesNotMatch: 403,
  InvalidPolicyDocument: 400,
  InvalidArgument: 400,
  InvalidObjectName: 400,
  MalformedPOSTRequest: 400,
  RequestTimeout: 408,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  InvalidFileType: 400,
  QuotaExceeded: 403,
  TotalQpsLimitExceeded: 503,
  ServiceUnavailable: 503,
  InternalError: 500,
} as const satisfies Record<string, number>;

/** A refused upload; the message says what was wrong. */
export class UploadError extends Error {
  readonly code: keyof typeof uploadFaults;

  /** Seconds before which the same form would fare no better. */
  readonly retryAfterSeconds: number | null;

  constructor(
    code: keyof typeof uploadFaults,
    message: string,
    { retryAfterSeconds, ...options }: ErrorOptions & { readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.name = 'UploadError';
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds ?? (uploadFaults[code] === 503 ? 1 : null);
  }
}

/** Fields of a form by their names in lower case. */
export type Fields = ReadonlyMap<string, string>;

export interface Bounds {
  readonly minBytes: number;
  readonly maxBytes: number;
}

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
export function checkPolicy(policy: string, fields: Fields, now: number): Bounds {
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
  let bounds: Bounds = { minBytes: 0, maxBytes: Number.MAX_SAFE_INTEGER };
  for (const condition of conditions as unknown[]) {
    const range = toRange(condition);
    if (range !== undefined) bounds = range;
    else checkCondition(condition, fields);
  }
  return bounds;
}

function toRange(condition: unknown): Bounds | undefined {
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
