import {
  MemberRefusal,
  NowhereRefusal,
  TakenRefusal,
  UnverifiedRefusal,
} from '../../core/channels/refusals.ts';
import { LimitError } from '../../domain/errors.ts';
import type { ErrorCode, GatewayError } from '../../domain/errors.ts';
import { Refusal, refusalCodes } from '../../domain/refusal.ts';
import { toForeseen } from '../../http/problem.ts';

/** Every error of the gateway in front of the operations, with its HTTP status (docs/protocols/cams.md). */
export const gatewayErrorTable = {
  'InvalidApi.NotFound': { status: 404, text: 'There is no operation of that name. Check Action.' },
  NoSuchVersion: { status: 400, text: 'There is no such version of this API.' },
  MissingParameter: { status: 400, text: 'A required parameter is missing.' },
  InvalidParameter: { status: 400, text: 'A parameter cannot be used.' },
  'InvalidParameter.Format': { status: 400, text: 'Format has to be JSON or XML.' },
  'InvalidAccessKeyId.NotFound': { status: 404, text: 'There is no such access key.' },
  'InvalidAccessKeyId.Inactive': { status: 400, text: 'This access key is disabled.' },
  'InvalidSecurityToken.Malformed': { status: 400, text: 'This security token is none of ours.' },
  'InvalidSecurityToken.Expired': { status: 400, text: 'This security token has expired.' },
  'InvalidTimeStamp.Format': {
    status: 400,
    text: 'The time has to have the form 2026-01-31T23:59:59Z.',
  },
  'InvalidTimeStamp.Expired': {
    status: 400,
    text: 'The time of the request is more than 15 minutes from the time here. Check the clock.',
  },
  IllegalTimestamp: { status: 400, text: 'The time of the request is missing.' },
  SignatureNonceUsed: {
    status: 400,
    text: 'This signature nonce has been used. Make a new one for each request.',
  },
  IncompleteSignature: { status: 400, text: 'The request is not signed as it should be.' },
  InvalidSignatureMethod: { status: 400, text: 'This signature method is not supported.' },
  SignatureDoesNotMatch: {
    status: 400,
    text: 'The signature is not the one calculated here. Check the access key secret and the signing method.',
  },
  NoPermission: { status: 403, text: 'This key may not do that.' },
  'Unknown.ResourceOwnerId': { status: 400, text: 'This account has no such channel.' },
  Throttling: { status: 429, text: 'Too many requests. Wait a moment.' },
  'Throttling.User': { status: 429, text: 'This operation was called too often. Wait a moment.' },
  UnsupportedOperation: { status: 400, text: 'This operation is not supported by this server.' },
  RequestTimeout: { status: 408, text: 'The request body came too slowly. Try again.' },
  RequestTooLarge: { status: 413, text: 'The request is larger than this API takes.' },
  InternalError: { status: 500, text: 'Something went wrong inside. The log holds the reason.' },
  ServiceUnavailable: { status: 503, text: 'The service is unavailable for now. Try again later.' },
} as const satisfies Record<string, { status: number; text: string }>;

type GatewayErrorCode = keyof typeof gatewayErrorTable;

/** A failure that CAMS answers. Those of the gateway have a status; those of the business are answered as a setting says. */
export class CamsError extends Error {
  readonly code: string;
  /** Null for a business error. */
  readonly status: number | null;
  /** Milliseconds after which the same call may succeed. */
  readonly retryAfterMs: number | null;

  private constructor(
    code: string,
    status: number | null,
    message: string,
    retryAfterMs: number | null = null,
  ) {
    super(message);
    this.name = 'CamsError';
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  static gateway(code: GatewayErrorCode, message?: string, retryAfterMs?: number): CamsError {
    const { status, text } = gatewayErrorTable[code];
    return new CamsError(code, status, message ?? text, retryAfterMs ?? null);
  }

  /** An error of docs/protocols/cams.md, e.g. `InvalidParameter.ContentError`; the message says what to do. */
  static business(code: string, message: string): CamsError {
    return new CamsError(code, null, message);
  }
}

/** What the gateway says of failures that are not its own. */
const foreseen: Readonly<Partial<Record<ErrorCode, GatewayErrorCode>>> = {
  store_unavailable: 'ServiceUnavailable',
  store_corrupt: 'ServiceUnavailable',
  overloaded: 'ServiceUnavailable',
  payload_too_large: 'RequestTooLarge',
  too_slow: 'RequestTimeout',
  bad_request: 'InvalidParameter',
  not_found: 'Unknown.ResourceOwnerId',
};

/** What this API calls the members that rules of channels speak of. */
const parameterNames: Readonly<Record<string, string>> = {
  name: 'InstanceName',
  statusUrl: 'StatusCallbackUrl',
  inboundUrl: 'UpCallbackUrl',
  auditUrl: 'StatusCallbackUrl',
};

/** What this API answers for whatever was thrown; undefined for what nobody foresaw. */
export function fromForeseen(error: unknown): CamsError | undefined {
  if (error instanceof CamsError) return error;
  if (error instanceof Refusal) return fromRefusal(error);
  if (error instanceof LimitError)
    return CamsError.gateway('Throttling.User', error.message, error.retryAfterMs);
  const known = toForeseen(error);
  if (known === undefined) return undefined;
  const refused = fromChannelRefusal(known);
  if (refused !== undefined) return refused;
  const code = foreseen[known.code];
  return code && CamsError.gateway(code, known.code === 'store_corrupt' ? known.message : undefined);
}

/** A rule's refusal: with a status where it is a parameter's or an owner's, else as a setting says. */
function fromRefusal({ reason, text }: Refusal): CamsError {
  const code = refusalCodes[reason];
  return isGatewayCode(code) ? CamsError.gateway(code, text) : CamsError.business(code, text);
}

function isGatewayCode(code: string): code is GatewayErrorCode {
  return Object.hasOwn(gatewayErrorTable, code);
}

/** The refusal of a rule of channels, in the words of this API's callers; undefined for any other error. */
function fromChannelRefusal(error: GatewayError): CamsError | undefined {
  if (error instanceof MemberRefusal)
    return CamsError.gateway('InvalidParameter', `${toParameterName(error.field)}: ${error.text}`);
  if (error instanceof NowhereRefusal)
    return CamsError.gateway(
      'MissingParameter',
      `HttpFlag Y needs ${error.members.map(toParameterName).join(' or ')}.`,
    );
  if (error instanceof TakenRefusal)
    return CamsError.gateway('InvalidParameter', 'PageId is bound to another channel already.');
  if (error instanceof UnverifiedRefusal)
    return CamsError.business(
      'InvalidParameter.PhoneNumberError',
      `WhatsApp has not verified ${error.senderId}. Verify it there, then call ChatappSyncPhoneNumber; its settings open once it is verified.`,
    );
  return undefined;
}

function toParameterName(member: string): string {
  return parameterNames[member] ?? member;
}
