// What this protocol answers for what went wrong, whoever found it.
import type { ArgumentFault, QueueRefusal, Range } from '../../core/queues/rules.ts';
import type { LimitError } from '../../domain/errors.ts';
import { propertyTypes, queueLimits } from '../../domain/queue.ts';

/** Every error that the SMQ protocol answers here, with its HTTP status and wording (docs/protocols/smq.md; misspellings are the service's). */
export const smqErrorTable = {
  MissingAuthorizationHeader: { status: 400, text: 'Authorization header is required.' },
  InvalidAuthorizationHeader: { status: 400, text: 'The Authorization header format is invalid.' },
  MissingDateHeader: { status: 400, text: 'Date header is required.' },
  InvalidDateHeader: { status: 400, text: 'The Date header format is invalid.' },
  TimeExpired: { status: 408, text: 'The http request you sent is expired.' },
  InvalidAccessKeyId: { status: 403, text: 'The access Id you provided does not exist.' },
  SignatureDoesNotMatch: {
    status: 403,
    text: 'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  },
  AccessDenied: {
    status: 403,
    text: 'The OwnerId that your Access Key Id associated to is forbidden for this operation.',
  },
  InvalidDegist: { status: 400, text: 'The Content-MD5 you specified is invalid.' },
  InvalidRequestURL: { status: 400, text: 'Http request URL format invalid.' },
  MalformedXML: { status: 400, text: 'The XML you provided was not well-formed.' },
  InvalidArgument: { status: 400, text: 'An argument is invalid.' },
  MissingReceiptHandle: { status: 400, text: 'ReceiptHandle is required.' },
  MissingVisibilityTimeout: { status: 400, text: 'VisibilityTimeout is required.' },
  ReceiptHandleError: { status: 400, text: 'The receipt handle you provide is not valid.' },
  MessageNotExist: { status: 404, text: 'Message not exist.' },
  QueueNotExist: { status: 404, text: 'The queue name you provided is not exist.' },
  QueueAlreadyExist: { status: 409, text: 'The queue you want to create is already exist.' },
  InvalidQueueName: {
    status: 400,
    text: "The queue name you provided is invalid. QueueName should start with a letter or digit and contain only digits, letters and '-'.",
  },
  QueueNameLengthError: { status: 400, text: 'Queue name length should between 1 and 120.' },
  RequestTimeout: { status: 408, text: 'The request body came too slowly. Try again.' },
  InvalidRequest: {
    status: 400,
    text: 'The request cannot be read as HTTP; its chunks or trailers are too long.',
  },
  RequestTooLarge: { status: 413, text: 'The request body is larger than any message or batch may be.' },
  UnsupportedOperation: { status: 501, text: 'Topics and subscriptions are not offered here; use queues.' },
  TooManyRequests: {
    status: 429,
    text: 'The request is denied by cluster flow limiter for too many requests.',
  },
  QuotaExceeded: { status: 429, text: 'The account holds as many messages as it may.' },
  InternalError: { status: 500, text: 'Interal error.' },
  ServiceUnavailable: { status: 503, text: 'The service is unavailable for now. Try again later.' },
} as const satisfies Record<string, { status: number; text: string }>;

export type SmqErrorCode = keyof typeof smqErrorTable;

/** A failure in the protocol's own words. `status` differs from the table's only where a setting says so. */
export class SmqError extends Error {
  readonly code: SmqErrorCode;
  readonly status: number;
  /** Seconds before which the same request would fare no better. */
  readonly retryAfterSeconds: number | null;

  constructor(code: SmqErrorCode, message?: string, status?: number, retryAfterSeconds?: number) {
    super(message ?? smqErrorTable[code].text);
    this.name = 'SmqError';
    this.code = code;
    this.status = status ?? smqErrorTable[code].status;
    this.retryAfterSeconds = retryAfterSeconds ?? (this.status === 503 ? 1 : null);
  }
}

/** The refusal of what is more than an account, or a key, may use. */
export function fromLimit({ code, message, retryAfterMs }: LimitError): SmqError {
  const smqCode = code === 'rate_exceeded' ? 'TooManyRequests' : 'QuotaExceeded';
  return new SmqError(smqCode, message, undefined, Math.ceil(retryAfterMs / 1000));
}

/** A rule's refusal in the protocol's words. */
export function fromQueueRefusal({ fault }: QueueRefusal): SmqError {
  switch (fault.kind) {
    case 'name_length':
      return new SmqError('QueueNameLengthError');
    case 'name_spelling':
      return new SmqError('InvalidQueueName');
    case 'different':
      return new SmqError('QueueAlreadyExist');
    default:
      return new SmqError('InvalidArgument', toArgumentText(fault));
  }
}

function toArgumentText(fault: ArgumentFault): string {
  switch (fault.kind) {
    case 'property_name':
      return `The name of a property should be 1 to ${queueLimits.propertyNameLength} letters, digits, underscores, hyphens and single dots.`;
    case 'property_count':
      return `A message should have at most ${queueLimits.userProperties} UserProperties.`;
    case 'property_value':
      return `The value of property ${fault.property} should between 0 and ${queueLimits.propertyValueBytes} bytes.`;
    case 'property_type':
      return `The type of property ${fault.property} should be one of ${propertyTypes.join(', ')}.`;
    case 'value':
      return toRangeText(`value of ${fault.range.name}`, fault.range);
    case 'body_size':
      return toRangeText('value of MessageBody', { min: 1, max: fault.maxBytes, unit: 'bytes' });
    case 'batch_size':
      return toRangeText('size of all messages of a batch', { min: 1, max: fault.maxBytes, unit: 'bytes' });
    case 'batch_count':
      return toRangeText(`number of ${fault.of}`, { min: 1, max: fault.max, unit: '' });
  }
}

function toRangeText(what: string, { min, max, unit }: Omit<Range, 'name'>): string {
  return `The ${what} should between ${min} and ${max}${unit === '' ? '' : ` ${unit}`}.`;
}
