import { faultOf, toFaultText } from './faults.ts';
import type { FaultCode, ValueFault } from './faults.ts';
import type { Allowance } from './limits.ts';

/**
 * Every failure that another part or a user can meet: HTTP status, whether the same request may succeed later, and the
 * text shown when the thrower gives none. `docs/errors.md` lists them all; codes are never reused.
 */
export const errorTable = {
  bad_request: { status: 400, retryable: false, text: 'The request is not understood.' },
  bad_callback_url: { status: 400, retryable: false, text: 'The callback URL cannot be used.' },
  unauthorized: { status: 401, retryable: false, text: 'An access key id and its secret are needed.' },
  wrong_credentials: { status: 401, retryable: false, text: 'What was given to sign in with is wrong.' },
  session_over: { status: 401, retryable: false, text: 'The session is over. Sign in again.' },
  bad_signature: { status: 401, retryable: false, text: 'The signature is missing or wrong.' },
  code_required: {
    status: 401,
    retryable: false,
    text: 'The code of the authenticator app is needed as well.',
  },
  password_over: {
    status: 401,
    retryable: false,
    text: 'The password was for one sign-in: a new one is needed as well.',
  },
  company_only: {
    status: 403,
    retryable: false,
    text: 'Passwords sign nobody in here: use the sign-in of the company.',
  },
  sign_in_over: {
    status: 400,
    retryable: false,
    text: 'That sign-in was not begun in this browser, was used, or is over. Begin again.',
  },
  sign_in_denied: { status: 403, retryable: false, text: "The company's provider did not let you in." },
  sign_in_no_role: { status: 403, retryable: false, text: "The company's provider gives you no role here." },
  sign_in_disabled: { status: 403, retryable: false, text: 'The user was switched off here.' },
  sign_in_untrusted: {
    status: 502,
    retryable: false,
    text: "What the company's provider answered does not hold. The log says why.",
  },
  sign_in_unavailable: {
    status: 502,
    retryable: true,
    text: "The company's provider does not answer. Try again later.",
  },
  forbidden: { status: 403, retryable: false, text: 'Who asks may not do that.' },
  foreign_page: { status: 403, retryable: false, text: 'The request does not come from the console.' },
  bad_link: { status: 403, retryable: false, text: 'The link is not valid, or its time is over.' },
  wrong_token: { status: 403, retryable: false, text: "The verify token is not the channel's." },
  wrong_password: { status: 400, retryable: false, text: 'The password or the code is wrong.' },
  not_found: { status: 404, retryable: false, text: 'There is no such thing here.' },
  method_not_allowed: { status: 405, retryable: false, text: 'This address does not take that method.' },
  too_slow: { status: 408, retryable: true, text: 'The request came too slowly. Try again.' },
  conflict: { status: 409, retryable: false, text: 'That name is taken.' },
  wrong_state: { status: 409, retryable: false, text: 'As things stand, that cannot be done.' },
  last_one: { status: 409, retryable: false, text: 'It is the last one, and one is needed.' },
  limit_reached: { status: 409, retryable: false, text: 'There are as many of these as there may be.' },
  already_exists: { status: 412, retryable: false, text: 'It is there already; nothing was changed.' },
  changed_meanwhile: {
    status: 412,
    retryable: false,
    text: 'Somebody changed it meanwhile; nothing was changed.',
  },
  operation_refused: { status: 400, retryable: false, text: 'The operation was refused.' },
  channel_refused: { status: 400, retryable: false, text: 'The channel refused that.' },
  not_verified: { status: 409, retryable: false, text: 'The channel has not verified this number.' },
  payload_too_large: { status: 413, retryable: false, text: 'The body is larger than this address takes.' },
  unsupported_media_type: { status: 415, retryable: false, text: 'Send the body as JSON.' },
  too_many_tries: { status: 429, retryable: true, text: 'Too many tries failed. Try again later.' },
  too_many: { status: 429, retryable: true, text: 'There are too many of these at once. Try again later.' },
  rate_exceeded: { status: 429, retryable: true, text: 'Too many requests in a second. Wait a moment.' },
  quota_reached: {
    status: 429,
    retryable: true,
    text: 'The account holds as much as it may. Take some away first.',
  },
  internal: { status: 500, retryable: true, text: 'Something went wrong inside. The log holds the reason.' },
  channel_unavailable: { status: 502, retryable: true, text: 'The channel did not answer as it should.' },
  overloaded: {
    status: 503,
    retryable: true,
    text: 'Too many requests with large bodies are under way. Try again later.',
  },
  store_unavailable: {
    status: 503,
    retryable: true,
    text: 'The store cannot commit right now. Try again later.',
  },
  media_pending: {
    status: 503,
    retryable: true,
    text: 'The media has not been fetched from the channel yet.',
  },
  media_gone: { status: 410, retryable: false, text: 'The channel no longer has this media.' },
  egress_refused: { status: 400, retryable: false, text: 'The address points inside a private network.' },
  schema_too_new: { status: 500, retryable: false, text: 'The store was written by a newer version.' },
  schema_too_old: { status: 500, retryable: false, text: 'The store was made before the first release.' },
  store_in_use: { status: 500, retryable: false, text: 'Another process is using this data folder.' },
  store_corrupt: {
    status: 503,
    retryable: true,
    text: 'The store is damaged. What can be read of it is being saved; try again.',
  },
  wrong_master_key: { status: 500, retryable: false, text: 'The master key is not the one of this store.' },
  bad_command: { status: 500, retryable: false, text: 'The command line is not understood.' },
  service_unreachable: { status: 502, retryable: true, text: 'The service cannot be reached.' },
  bad_settings: { status: 500, retryable: false, text: 'The settings are wrong.' },
} as const satisfies Record<string, { status: number; retryable: boolean; text: string }>;

export type ErrorCode = keyof typeof errorTable;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text);
}

/**
 * A failure with a row in {@link errorTable}. The message says what was wrong with which thing and what to do; it never
 * holds a secret or what a user wrote, so it may be logged and shown.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message?: string, options?: ErrorOptions) {
    super(message ?? errorTable[code].text, options);
    this.name = 'GatewayError';
    this.code = code;
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }
}

/** A bad value in one named member of a request. */
export class FieldError extends GatewayError {
  readonly field: string;
  /** What is wrong with it, by a code; null where the message alone tells. */
  readonly fault: ValueFault | null;

  constructor(code: ErrorCode, field: string, message: string, fault: ValueFault | null = null) {
    super(code, message);
    this.field = field;
    this.fault = fault;
  }
}

/** A failure of all that was asked, and of no member of it, with a code for its reason: a client tells it in its own words. */
export class FaultError extends GatewayError {
  readonly fault: ValueFault;

  constructor(code: ErrorCode, fault: FaultCode, params: ValueFault['params'] = {}) {
    const why = faultOf(fault, params);
    super(code, toFaultText(why));
    this.fault = why;
  }
}

/** `wrong_state` with a code for its reason, so that a client tells it in its own words. */
export class StandstillError extends GatewayError {
  readonly reason: string;

  constructor({ code, text }: { readonly code: string; readonly text: string }) {
    super('wrong_state', text);
    this.reason = code;
  }
}

/** The refusal of what is not there, and of what is another account's. */
export function notFound(what: string): GatewayError {
  return new GatewayError('not_found', `There is no such ${what}.`);
}

/** `too_many_tries` that knows after how many milliseconds the next try may be made. */
export class RetryError extends GatewayError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('too_many_tries', `Too many tries failed. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Why somebody who signs in by the company's provider is not let in. */
export class SignInError extends GatewayError {
  /** In a few words, for the log: of ours, of the library or of the protocol, and nothing that anybody wrote. */
  readonly reason: string;

  constructor(code: Extract<ErrorCode, `sign_in_${string}`>, reason: string) {
    super(code);
    this.reason = reason;
  }
}

/** A refusal of what is more than an account, or a key, may use: `rate_exceeded` or `quota_reached`. */
export class LimitError extends GatewayError {
  /** Milliseconds before which the same request would be refused again. */
  readonly retryAfterMs: number;
  /** Where it is of requests in a second: how that stands. */
  readonly allowances: readonly Allowance[];

  constructor(
    code: 'rate_exceeded' | 'quota_reached',
    message: string,
    retryAfterMs: number,
    allowances: readonly Allowance[] = [],
  ) {
    super(code, message);
    this.retryAfterMs = retryAfterMs;
    this.allowances = allowances;
  }
}

/** Work that is not begun while the clock is in doubt. Nothing has failed, and it goes on by itself once the clock is sound. */
export class ClockRefusal extends GatewayError {
  constructor(doubt: string) {
    super('store_unavailable', doubt);
  }
}
