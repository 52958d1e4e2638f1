import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cut } from '../domain/cut.ts';
import {
  errorTable,
  FaultError,
  FieldError,
  GatewayError,
  LimitError,
  RetryError,
  StandstillError,
} from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { faultOf } from '../domain/faults.ts';
import type { ValueFault, FaultCode } from '../domain/faults.ts';
import { Refusal } from '../domain/refusal.ts';
import type { RefusalReason } from '../domain/refusal.ts';
import type { Emit } from '../telemetry/events.ts';
import type { FrontAnswer } from './front.ts';
import { toPatternRule } from './patterns.ts';

/** An error answer as RFC 9457 has it. `code` is a row of the error table; `field` names the member that is wrong, `reason` what a `wrong_state` is. */
interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly field?: string;
  /** What is wrong with that member, or why none of it is done, by a code and what it speaks of. */
  readonly fault?: ValueFault;
  /** Which rule of messages and templates refuses it, with what its sentence speaks of. */
  readonly refusal?: { readonly code: RefusalReason; readonly params: Readonly<Record<string, string>> };
  readonly reason?: string;
}

/** Writes an error as a problem. What is no {@link GatewayError} tells the caller nothing but `internal`. */
export function toProblem(error: GatewayError): Problem {
  return {
    type: `urn:chasqui:problem:${error.code}`,
    title: errorTable[error.code].text,
    status: error.status,
    detail: cut(error.message),
    code: error.code,
    ...(error instanceof FieldError && {
      field: error.field,
      ...(error.fault !== null && { fault: error.fault }),
    }),
    ...(error instanceof FaultError && { fault: error.fault }),
    ...(error instanceof Refusal && { refusal: toRefusal(error) }),
    ...(error instanceof StandstillError && { reason: error.reason }),
  };
}

function toRefusal({ reason, text, parameter }: Refusal): NonNullable<Problem['refusal']> {
  return { code: reason, params: { text: cut(text), ...(parameter !== null && { parameter }) } };
}

/** The codes of a 401 that an access key would mend. */
const asksForKey: readonly ErrorCode[] = ['unauthorized', 'wrong_credentials'];

/** An error as an answer with a problem, to a request with these headers. */
export function toProblemAnswer(error: GatewayError, asked: IncomingHttpHeaders = {}): FrontAnswer {
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'x-content-type-options': 'nosniff',
  };
  // A page's own calls are answered to the page; asked like this, the browser would open a window of its own.
  const isPage = asked['sec-fetch-mode'] ?? asked['x-chasqui-console'];
  if (asksForKey.includes(error.code) && isPage === undefined)
    headers['www-authenticate'] = 'Basic realm="Chasqui", charset="UTF-8"';
  if (error.retryable && error.status !== 500) headers['retry-after'] = toSeconds(error);
  return { status: error.status, headers, body: JSON.stringify(toProblem(error)) };
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, error: GatewayError): FastifyReply {
  const { status, headers, body } = toProblemAnswer(error, reply.request.headers);
  return reply.code(status).headers(headers).send(body);
}

function toSeconds(error: GatewayError): string {
  const isTimed = error instanceof RetryError || error instanceof LimitError;
  return isTimed ? String(Math.ceil(error.retryAfterMs / 1000)) : '1';
}

/** Gives a scope problems as its error form, and says `unit.crashed` for what nobody foresaw. */
export function answerProblems(app: FastifyInstance, emit: Emit): void {
  app.setErrorHandler((error, request, reply) => {
    const known = toGatewayError(error);
    if (known.code === 'internal') emit('unit.crashed', { unit: toUnit(request), error });
    return sendProblem(reply, known);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, new GatewayError('not_found')));
}

const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
};

const frameworkDetails: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not JSON.',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty; JSON is needed.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_BAD_URL: 'The address is not a valid one.',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the address is too long.',
};

/**
 * Reads whatever was thrown as an error with a row in the table. The framework's own messages may quote the request, so
 * only its codes are used; a failed validation names the member and the rule, never the value.
 */
export function toGatewayError(error: unknown): GatewayError {
  const foreseen = toForeseen(error);
  if (foreseen !== undefined) return foreseen;
  if (!isFrameworkError(error)) return new GatewayError('internal', undefined, { cause: error });
  const invalid = error.validation?.find(isTelling) ?? error.validation?.[0];
  if (invalid !== undefined) return toValidationError(invalid, error.validationContext ?? 'request');
  const status = error.statusCode ?? 500;
  if (status < 400 || status > 499) return new GatewayError('internal', undefined, { cause: error });
  const code = frameworkCodes[error.code ?? ''] ?? 'bad_request';
  return new GatewayError(code, frameworkDetails[error.code ?? ''], { cause: error });
}

/** An error that has a row in the table, and `overloaded` where no file is left to open; undefined for what nobody foresaw. */
export function toForeseen(error: unknown): GatewayError | undefined {
  if (error instanceof GatewayError) return error;
  const isOutOfFiles =
    error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
  if (!isOutOfFiles) return undefined;
  const text = 'The service has as many files open as it may. Try again later.';
  return new GatewayError('overloaded', text, { cause: error });
}

interface Invalid {
  readonly keyword?: string;
  readonly instancePath?: string;
  readonly message?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

interface FrameworkError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly validation?: readonly Invalid[];
  readonly validationContext?: string;
}

function isFrameworkError(error: unknown): error is FrameworkError {
  return error instanceof Error && ('statusCode' in error || 'validation' in error);
}

function toValidationError(invalid: Invalid, context: string): GatewayError {
  const extra = invalid.params?.['additionalProperties'];
  const missing = invalid.params?.['requiredProperties'];
  const path = (invalid.instancePath ?? '').split('/').slice(1);
  const member = toFirst(extra) ?? toFirst(missing);
  if (member !== undefined) path.push(member);
  // A member's name is the caller's own text when it is unknown: short and plain ones only are said back.
  const field = path.filter((part) => /^[\w.-]{1,64}$/.test(part)).join('.') || context;
  const fault = toFault(invalid);
  if (extra !== undefined) return new FieldError('bad_request', field, `${field}: is not known here.`, fault);
  if (missing !== undefined) return new FieldError('bad_request', field, `${field}: is missing.`, fault);
  const allowed = invalid.params?.['allowedValues'];
  const rule = Array.isArray(allowed)
    ? `has to be one of ${allowed.join(', ')}`
    : (toWords(invalid.params) ?? invalid.message ?? 'is not valid');
  return new FieldError('bad_request', field, `${field}: ${rule}.`, fault);
}

/** Faults by the keyword of the schema that was not kept. */
const keywordFaults: Readonly<Record<string, FaultCode>> = {
  additionalProperties: 'not_known',
  enum: 'not_one_of',
  maxItems: 'too_many_items',
  maxLength: 'too_long',
  maximum: 'too_high',
  minItems: 'too_few_items',
  minLength: 'too_short',
  minimum: 'too_low',
  required: 'missing',
};

function toFault({ keyword = '', params = {} }: Invalid): ValueFault {
  const { limit, allowedValues } = params;
  return faultOf(
    (Object.hasOwn(keywordFaults, keyword) ? keywordFaults[keyword] : undefined) ?? 'wrong_form',
    {
      ...((typeof limit === 'number' || typeof limit === 'string') && { limit }),
      ...(Array.isArray(allowedValues) && { allowed: allowedValues.join(', ') }),
    },
  );
}

/** A pattern or a format in words: the expression itself tells a person nothing. */
function toWords(params: Invalid['params']): string | undefined {
  if (params?.['format'] === 'date-time') return 'has to be a time such as 2026-11-01T00:00:00Z';
  return toPatternRule(params?.['pattern']);
}

/** TypeBox reports an unknown member twice, and a union by each of its branches first; the telling one comes later. */
function isTelling(invalid: Invalid): boolean {
  return invalid.keyword !== 'boolean' && invalid.keyword !== 'const';
}

function toFirst(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : undefined;
}

function toUnit(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
}
