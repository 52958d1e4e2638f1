// What the upload address answers to what it does not take, in the terms of object storage.
import { UploadRefusal } from '../../core/media/uploads.ts';
import { LimitError } from '../../domain/errors.ts';
import { toGatewayError } from '../../http/problem.ts';

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

/** What object storage calls it that a file is not taken. */
const codesOfRefusals = {
  channel_gone: 'AccessDenied',
  file_type: 'InvalidFileType',
  too_large: 'EntityTooLarge',
  too_small: 'EntityTooSmall',
  no_space: 'QuotaExceeded',
} as const satisfies Record<UploadRefusal['reason'], UploadError['code']>;

/** What anything that went wrong is told as. */
export function toUploadError(error: unknown): UploadError {
  if (error instanceof UploadError) return error;
  if (error instanceof UploadRefusal) return new UploadError(codesOfRefusals[error.reason], error.message);
  if (error instanceof LimitError && error.code === 'quota_reached')
    return new UploadError('QuotaExceeded', error.message);
  if (error instanceof LimitError)
    return new UploadError('TotalQpsLimitExceeded', error.message, {
      retryAfterSeconds: Math.ceil(error.retryAfterMs / 1000),
    });
  const { code } = toGatewayError(error);
  if (code === 'store_unavailable' || code === 'store_corrupt' || code === 'overloaded')
    return new UploadError('ServiceUnavailable', 'The service is unavailable for now. Try again later.');
  if (code === 'too_slow') return new UploadError('RequestTimeout', 'The form came too slowly. Try again.');
  if (code === 'bad_request')
    return new UploadError('MalformedPOSTRequest', 'The chunks or trailers of the form are too long.');
  return new UploadError('InternalError', 'Something went wrong inside. The log holds the reason.', {
    cause: error,
  });
}
