// Why something that was asked is not done: a code, what it speaks of, and both as an English text, which stands behind the name of a value
// where it is about one. A client may tell it in another language from the code and the params; the console's Chinese is held to this table
// by a test.
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
  password_wrong: 'is wrong.',
  code_wrong: 'is not the one that the app shows now.',
  user_taken: 'There is a user of that name already.',
  users_full: 'An account has at most {limit} users.',
  users_there: 'The account has users already. Sign in as one of them.',
  user_of_company:
    "{name} signs in by the company's provider, which says the role; there is no password and no code here.",
  user_kept_out:
    "{name} is switched off, which keeps a user of the company's provider out; deleted, the next sign-in there would make him anew.",
  last_owner: 'This is the last owner who is active. Make another one first.',
  last_key: 'This is the last key that may do everything. Make another one first.',
  app_there: 'An app is set up already; remove it first.',
  app_not_begun: 'No app is being set up. Begin with POST /session/totp.',
  app_missing: 'Recovery codes stand in for an app, and none is set up.',
  keys_full: 'An account has at most {limit} keys.',
  key_address: 'has to be an address or a CIDR range such as 192.0.2.0/24.',
  portal_links_full: 'An account has at most {limit} portal links.',
  accounts_full: 'A server has at most {limit} accounts.',
  account_taken: 'There is an account of that id already.',
  role_needed: 'This takes the role {needed}; yours is {own}.',
  key_role: 'A key of role {role} may not do this.',
  first_account: 'Only the account of the first start may do this.',
  key_no_password: 'An access key has no password; sign in as a user.',
  company_no_password: "Who signs in by the company's provider has no password here.",
  channel_taken: 'That channel id is taken.',
  channel_sandbox: 'The id belongs to a sandbox: sandbox channels are made with their account.',
  channel_type: 'the channel is of type {type}; delete it first to connect another.',
  vendor_no_list: 'A {type} channel cannot tell its senders. Add them by their ids.',
  vendor_no_subscription:
    "A {type} channel cannot be subscribed from here. Enter the hook URL in the vendor's pages.",
  vendor_no_sign: 'A {type} channel cannot show such a sign.',
  vendor_no_templates: 'A {type} channel has no templates at its vendor.',
  channel_waba:
    'the channel is that of WABA {wabaId}. For another one give credentials.accessToken as well, null to take the old one away; or connect it as a channel of its own.',
  option_business: 'does nothing for a bot; leave it out. It is for Business Messages.',
  option_bot: 'does nothing for Business Messages; leave it out. It is for a bot, which has an authToken.',
  option_type: 'does nothing on {type}; leave it out. It is for {allowed}.',
  viber_kind: 'makes the channel a bot, without it it speaks Business Messages. Take its senders away first.',
  credentials_empty: 'give at least one.',
  sandbox_full: 'The sandbox has one sender of each type from the start; it takes no others.',
  number_form: 'a WhatsApp number is 5 to 15 digits with its country code.',
  number_id_other: 'is for WhatsApp numbers only.',
  number_id_missing: "is missing; it is Meta's id of the number, shown beside it in the App Dashboard.",
  url_of_others:
    'Others that this link does not open name this URL as well. Give one of your own, or ask whoever gave you the link.',
  url_taken:
    'There is a destination of this URL already. Hand what waits for this one over to it, then remove this one.',
  url_of_sender:
    'Settings name this URL, those of sender {senderId} of channel {channelId} for one. Give them another or none first, or give the destination another URL.',
  url_of_channel:
    'Settings name this URL, those of channel {channelId} for one. Give them another or none first, or give the destination another URL.',
  destination_same: 'Give another destination than the one that hands over.',
  destination_busy: 'Receipts for this destination keep coming. Try again.',
  mail_none: 'This service sends no e-mail: its operator has set no CHASQUI_SMTP_URL.',
  mail_addresses: 'give up to {limit}, each such as ops@example.com.',
  targets_full: 'An account has at most {limit} targets of notices.',
  target_secret: 'give whsec_ and at least 24 bytes in Base64, or leave it out.',
  target_needs: '{kind} needs it.',
  target_without: '{kind} has none.',
  name_line: 'give 1 to {limit} characters on one line.',
  review_over: 'Its review stands at {status}; it is not waiting for one.',
  review_elsewhere: 'The channel reviews this template; nobody else can.',
  setting_at_start: '{key} takes effect at a start alone: set it where the service is started.',
  setting_fixed: '{key} is fixed where the service is started: take it away there first.',
  body_long: 'this queue takes at most {limit} bytes.',
  body_xml: 'holds a character that XML, and so SMQ, cannot carry.',
} as const;

export type FaultCode = keyof typeof faultTexts;

/** Why a value will not do, or what was asked is not done, for clients that tell it in a language of their own. */
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
