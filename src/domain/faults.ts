// What can be wrong with one value that somebody gave: a code, what it speaks of, and both as an English text that stands behind the name
// of the value. A client may tell it in another language from the code and the params; the console's Chinese is held to this table by a test.
import type { Params } from './findings.ts';

export const faultTexts = {
  missing: 'is missing.',
  not_known: 'is not known here.',
  not_one_of: 'has to be one of {allowed}.',
  too_long: 'may have at most {limit} characters.',
  too_short: 'has to have at least {limit} characters.',
  too_many_items: 'may have at most {limit}.',
  too_few_items: 'has to have at least {limit}.',
  too_high: 'may be at most {limit}.',
  too_low: 'has to be at least {limit}.',
  not_between: 'has to be a whole number from {min} to {max}.',
  wrong_form: 'is not in the form that it has to have.',
  control_characters: 'holds a line break or another control character.',
  url_control: 'The URL holds a line break or another control character.',
  url_blank: 'The URL holds a blank; write it as %20 if it is meant.',
  url_unread: 'It is not a URL.',
  url_scheme: 'The URL has to begin with http:// or https://.',
  url_user: 'The URL holds a user name or password; the signature says who is calling.',
  url_port: 'Port 0 cannot be called.',
  url_long: 'The URL is longer than {limit} characters.',
  url_inside: 'The address points inside a private network.',
  url_nowhere: 'http is on, but there is no callback URL.',
  user_name: 'letters and digits of any language and . _ @ + -, beginning with a letter or digit.',
  password_short: 'has to have at least {min} characters.',
  password_few: 'has too few different characters.',
  password_name: 'is little more than the name.',
  password_run: 'is a plain sequence of characters.',
  password_same: 'is the one that was for one sign-in.',
} as const;

export type FaultCode = keyof typeof faultTexts;

/** Why a value will not do, for clients that tell it in a language of their own. */
export interface ValueFault {
  readonly code: FaultCode;
  readonly params: Params;
}

export function faultOf(code: FaultCode, params: Params = {}): ValueFault {
  return { code, params };
}

/** A value that will not do, with the fault by which a client tells it in its own words. */
export class ValueError extends Error {
  readonly fault: ValueFault;

  constructor(message: string, fault: ValueFault) {
    super(message);
    this.fault = fault;
  }
}

/** The English text of a fault. */
export function toFaultText({ code, params }: ValueFault): string {
  return faultTexts[code].replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
