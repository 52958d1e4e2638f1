// How many requests an account, and a key of it, may make in a second on this node.
import type { AccessKey, AccountId } from '../../domain/account.ts';
import { LimitError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import type { PortalScope } from '../../domain/portal-link.ts';
import { findBound } from '../../domain/limits.ts';
import type { Allowance, Limits } from '../../domain/limits.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { Stopwatch } from '../../runtime/clock.ts';
import type { Emit } from '../../telemetry/events.ts';

/** Accounts and keys that are counted at once; the one that was first counted longest ago makes room, and begins anew. */
const maxBuckets = 50_000;

/** Requests of one portal link in a second: a page that is looked at makes a handful. */
const linkPerSecond = 20;

interface RequestRatesDeps extends Stopwatch {
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  /** What holds for accounts for which nothing was set. */
  readonly limits: Limits;
}

/** The key that a request was signed with, or its account where it came without one. */
export type Requester = Pick<AccessKey, 'accountId' | 'accountLimits'> &
  Partial<Pick<AccessKey, 'id' | 'limits'>>;

/** Requests that may be made at once; it fills up again by so many a second. */
interface Bucket {
  readonly of: Allowance['of'];
  perSecond: number;
  tokens: number;
  filledAt: number;
}

/**
 * Counts requests of those who have shown a key. Each account, and each key, that has a limit has a bucket of as many requests as it
 * may make in a second, which is also how many may come at once. What nobody limits costs two comparisons and is not counted.
 */
export class RequestRates {
  readonly #deps: RequestRatesDeps;
  readonly #buckets = new Map<AccountId | string, Bucket>();

  constructor(deps: RequestRatesDeps) {
    this.#deps = deps;
  }

  /**
   * Counts a request, for its key and its account; returns what is left of each limit, the account's first. Throws a
   * {@link LimitError} where one of them is used up, and then counts it for neither.
   */
  take(requester: Requester): readonly Allowance[] {
    const { accountId, id, limits = {} } = requester;
    const ofAccount = this.boundOf(requester);
    const ofKey = findBound(limits, 'requestsPerSecond');
    if (ofAccount === undefined && ofKey === undefined) return [];
    return this.#takeFrom(
      requester,
      ofAccount === undefined ? undefined : this.#fill('account', accountId, ofAccount),
      ofKey === undefined || id === undefined ? undefined : this.#fill('key', id, ofKey),
    );
  }

  /**
   * The same for somebody at the console. People share a bucket of their own, as large as that of their account's programs, so that
   * these leave them able to look at what goes on.
   */
  takeForPerson({ accountId, accountLimits }: Omit<Requester, 'id' | 'limits'>): readonly Allowance[] {
    const perSecond = this.boundOf({ accountLimits });
    if (perSecond === undefined) return [];
    return this.#takeFrom(
      { accountId, accountLimits },
      this.#fill('account', `people/${accountId}`, perSecond),
    );
  }

  /** The same for a holder of a portal link, who has a bucket of his own: whoever floods by it keeps nobody else from anything. */
  takeForLink({ accountId, linkId }: Pick<PortalScope, 'accountId' | 'linkId'>): readonly Allowance[] {
    const bucket = this.#fill('link', `link/${linkId}`, linkPerSecond);
    if (bucket.tokens < 1) {
      this.#deps.emit('limit.met', { limit: 'requestsPerSecond', of: 'link', accountId });
      const text = `This link may make ${linkPerSecond} requests in a second. Wait a moment.`;
      throw new LimitError('rate_exceeded', text, 1000 / linkPerSecond, [toAllowance(bucket)]);
    }
    bucket.tokens -= 1;
    return [toAllowance(bucket)];
  }

  /** How many requests an account may make in a second; undefined for any number. */
  boundOf({ accountLimits }: Pick<Requester, 'accountLimits'>): number | undefined {
    return findBound(accountLimits, 'requestsPerSecond', this.#deps.limits);
  }

  /** How many requests an account, or a key, made in the last second or so on this node; undefined for one that is not counted. */
  used(holder: AccountId | string): number | undefined {
    const bucket = this.#buckets.get(holder);
    if (bucket === undefined) return undefined;
    return Math.round(bucket.perSecond - this.#fillUp(bucket).tokens);
  }

  #takeFrom(requester: Requester, ...buckets: readonly (Bucket | undefined)[]): readonly Allowance[] {
    const counted = buckets.filter((bucket) => bucket !== undefined);
    const empty = counted.filter(({ tokens }) => tokens < 1);
    if (empty.length > 0) throw this.#refuse(requester, empty, counted.map(toAllowance));
    return counted.map((bucket) => {
      bucket.tokens -= 1;
      return toAllowance(bucket);
    });
  }

  #refuse(
    { accountId, id }: Requester,
    empty: readonly Bucket[],
    allowances: readonly Allowance[],
  ): LimitError {
    const { of, perSecond } = empty[0] ?? ({ of: 'account', perSecond: 0 } as const);
    const waitMs = Math.max(...empty.map((one) => ((1 - one.tokens) / one.perSecond) * 1000));
    this.#deps.emit('limit.met', { limit: 'requestsPerSecond', of, accountId });
    this.#deps.raiseNotice({
      accountId,
      subject: of === 'key' ? `key/${id ?? ''}` : `account/${accountId}`,
      ...noticed(of === 'key' ? 'key_rate_reached' : 'account_rate_reached', { perSecond }),
    });
    const whose = of === 'key' ? 'This key' : 'This account';
    const requests = perSecond === 1 ? '1 request' : `${perSecond} requests`;
    const text = `${whose} may make ${requests} in a second. Wait a moment.`;
    return new LimitError('rate_exceeded', text, Math.max(1, Math.ceil(waitMs)), allowances);
  }

  /** The bucket of a holder as it is now; a new one is full. */
  #fill(of: Allowance['of'], holder: AccountId | string, perSecond: number): Bucket {
    const known = this.#buckets.get(holder);
    if (known !== undefined) {
      known.perSecond = perSecond;
      return this.#fillUp(known);
    }
    if (this.#buckets.size >= maxBuckets) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    const bucket: Bucket = { of, perSecond, tokens: perSecond, filledAt: this.#deps.monotonic() };
    this.#buckets.set(holder, bucket);
    return bucket;
  }

  #fillUp(bucket: Bucket): Bucket {
    const now = this.#deps.monotonic();
    const added = ((now - bucket.filledAt) / 1000) * bucket.perSecond;
    bucket.tokens = Math.min(bucket.perSecond, bucket.tokens + added);
    bucket.filledAt = now;
    return bucket;
  }
}

function toAllowance({ of, perSecond, tokens }: Bucket): Allowance {
  return { of, perSecond, left: Math.floor(tokens), fullAfterMs: ((perSecond - tokens) / perSecond) * 1000 };
}
