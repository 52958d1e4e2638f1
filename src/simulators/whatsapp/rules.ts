// The rules of the simulated WhatsApp Cloud API that say no: Meta's limits by number and pair, and its errors (docs/protocols/whatsapp.md).

/** An error as Graph's answers and webhooks carry it. */
export interface VendorError {
  readonly status: number;
  readonly code: number;
  readonly title: string;
  readonly subcode?: number;
  readonly details?: string;
  readonly isTransient?: true;
  readonly headers?: Readonly<Record<string, string>>;
}

const table: readonly (readonly [number, number, string])[] = [
  [401, 190, 'Error validating access token: Session has expired'],
  [403, 10, 'Application does not have permission for this action'],
  [403, 131005, 'Access denied'],
  [400, 368, 'Temporarily blocked for policies violations'],
  [400, 130497, 'Business account is restricted from messaging users in this country'],
  [400, 131031, 'Account has been locked'],
  [400, 4, 'API Too Many Calls'],
  [400, 80007, 'Rate limit issues'],
  [400, 130429, 'Rate limit hit'],
  [400, 131048, 'Spam rate limit hit'],
  [400, 131056, '(Business Account, Consumer Account) pair rate limit hit'],
  [500, 1, 'API Unknown'],
  [503, 2, 'API Service'],
  [500, 131000, 'Something went wrong'],
  [500, 131016, 'Service unavailable'],
  [400, 131057, 'Account in maintenance mode'],
  [400, 100, 'Invalid parameter'],
  [400, 33, 'Parameter value is not valid'],
  [400, 131008, 'Required parameter is missing'],
  [400, 131009, 'Parameter value is not valid'],
  [400, 130472, "User's number is part of an experiment"],
  [400, 131021, 'Recipient cannot be sender'],
  [400, 131026, 'Message undeliverable'],
  [400, 131030, 'Recipient phone number not in allowed list'],
  [400, 131037, 'Display name is not approved'],
  [400, 131042, 'Business eligibility payment issue'],
  [400, 131045, 'Incorrect certificate'],
  [400, 131047, 'Re-engagement message'],
  [400, 131049, 'Meta chose not to deliver'],
  [400, 131050, 'User has stopped marketing messages'],
  [400, 131051, 'Unsupported message type'],
  [400, 131052, 'Media download error'],
  [400, 131053, 'Media upload error'],
  [400, 132000, 'Template Param Count Mismatch'],
  [404, 132001, 'Template does not exist'],
  [400, 132005, 'Template Hydrated Text Too Long'],
  [400, 132007, 'Template Format Character Policy Violated'],
  [400, 132012, 'Template Parameter Format Mismatch'],
  [400, 132015, 'Template is Paused'],
  [400, 132016, 'Template is Disabled'],
  [400, 133010, 'Phone number Not Registered'],
  [400, 135000, 'Generic user error'],
];

/** The error of a code, as Meta words it; a code that is not listed is a generic one. */
export function toVendorError(code: number, details?: string): VendorError {
  const [status = 400, , title = 'Something went wrong'] = table.find((row) => row[1] === code) ?? [];
  return { status, code, title, ...(details === undefined ? {} : { details }) };
}

/** The body of Graph's answer. */
export function toErrorBody(error: VendorError): object {
  const { code, title, subcode, details, isTransient } = error;
  return {
    error: {
      message: `(#${code}) ${title}`,
      type: 'OAuthException',
      code,
      ...(subcode === undefined ? {} : { error_subcode: subcode }),
      ...(details === undefined ? {} : { error_data: { messaging_product: 'whatsapp', details } }),
      ...(isTransient === undefined ? {} : { is_transient: true }),
      fbtrace_id: 'AsimulatedTrace',
    },
  };
}

const second = 1000;

/** A number may send `perSecond` messages; one more is refused until the second is over. */
export class NumberLimit {
  readonly #perSecond: number;
  #second = 0;
  #used = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  take(now: number): boolean {
    const current = Math.floor(now / second);
    if (current !== this.#second) {
      this.#second = current;
      this.#used = 0;
    }
    this.#used += 1;
    return this.#used <= this.#perSecond;
  }
}

/** One message every six seconds to the same user, with a burst of 45 that has to be paid back. */
export class PairLimits {
  readonly #burst: number;
  readonly #everyMs: number;
  readonly #pairs = new Map<string, { owed: number; at: number }>();

  constructor(burst = 45, everyMs = 6 * second) {
    this.#burst = burst;
    this.#everyMs = everyMs;
  }

  take(pair: string, now: number): boolean {
    const known = this.#pairs.get(pair);
    const owed = known === undefined ? 0 : Math.max(0, known.owed - (now - known.at) / this.#everyMs);
    if (owed + 1 > this.#burst) {
      this.#pairs.set(pair, { owed, at: now });
      return false;
    }
    this.#pairs.set(pair, { owed: owed + 1, at: now });
    return true;
  }
}
