// The targets of an account's notices: what each kind of them needs, and how many there may be.
import { randomUUID } from 'node:crypto';
import type { AccountId, Principal } from '../../domain/account.ts';
import { parseCallbackUrl } from '../../domain/callback-url.ts';
import { FaultError, FieldError, notFound } from '../../domain/errors.ts';
import type { FaultCode, ValueFault } from '../../domain/faults.ts';
import { faultOf, toFaultText } from '../../domain/faults.ts';
import { isMailAddress, maxMail } from '../../domain/notice-target.ts';
import type { NoticeTarget, TargetChange, TargetKind } from '../../domain/notice-target.ts';
import type { Expected } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';

const maxTargets = 20;
const maxName = 100;

/** What a kind has, beside its name and filters. `given`: asked for; `own`: made where none is given. */
const parts: Readonly<
  Record<
    TargetKind,
    { readonly url: 'needed' | 'optional' | 'none'; readonly secret: 'needed' | 'optional' | 'none' | 'own' }
  >
> = {
  email: { url: 'none', secret: 'none' },
  slack: { url: 'needed', secret: 'none' },
  dingtalk: { url: 'needed', secret: 'optional' },
  teams: { url: 'needed', secret: 'none' },
  pagerduty: { url: 'optional', secret: 'needed' },
  webhook: { url: 'needed', secret: 'own' },
};

interface TargetDeps<Verbs extends keyof Store> {
  readonly store: Pick<Store, Verbs>;
  /** Says why a URL cannot be called; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  readonly generateSecret: () => string;
  /** Whether there is a mail server. */
  readonly hasMail: boolean;
}

/** A target as somebody wants it. */
type GivenTarget = Pick<
  NoticeTarget,
  'name' | 'kind' | 'language' | 'severity' | 'codes' | 'state' | 'mail' | 'url' | 'secret'
>;

/** Finds a target of the account. Throws `not_found`. */
export async function findNoticeTarget(
  store: Pick<Store, 'findNoticeTarget'>,
  accountId: AccountId,
  targetId: string,
): Promise<NoticeTarget> {
  const target = await store.findNoticeTarget(accountId, targetId);
  if (target === undefined) throw notFound('target of notices');
  return target;
}

/** Makes a target. Throws `bad_request`, `bad_callback_url`, `limit_reached`, and `wrong_state` for e-mail without a mail server. */
export async function addNoticeTarget(
  deps: TargetDeps<'createNoticeTarget' | 'findNoticeTarget'>,
  { accountId, actor }: Principal,
  given: GivenTarget,
): Promise<NoticeTarget> {
  const { store, generateSecret, hasMail } = deps;
  if (given.kind === 'email' && !hasMail) throw new FaultError('wrong_state', 'mail_none');
  const secret = given.secret ?? (parts[given.kind].secret === 'own' ? generateSecret() : null);
  const target = {
    ...given,
    ...(await checkTarget(deps, { ...given, secret })),
    id: randomUUID(),
    accountId,
  };
  if ((await store.createNoticeTarget(target, maxTargets, actor)) === 'full')
    throw new FaultError('limit_reached', 'targets_full', { limit: maxTargets });
  return findNoticeTarget(store, accountId, target.id);
}

/** Changes a target of any kind but its kind. Throws as `addNoticeTarget`, `not_found` and `changed_meanwhile`. */
export async function changeNoticeTarget(
  deps: TargetDeps<'changeNoticeTarget' | 'findNoticeTarget'>,
  { accountId, actor }: Principal,
  targetId: string,
  given: TargetChange,
  expected?: Expected,
): Promise<NoticeTarget> {
  const known = await findNoticeTarget(deps.store, accountId, targetId);
  const { name, url, mail, secret } = await checkTarget(deps, { ...known, ...given });
  const change: TargetChange = {
    ...given,
    ...(given.name !== undefined && { name }),
    ...(given.url !== undefined && { url }),
    ...(given.mail !== undefined && { mail }),
    ...(given.secret !== undefined && { secret }),
  };
  if ((await deps.store.changeNoticeTarget(accountId, targetId, change, actor, expected)) === 'missing')
    throw notFound('target of notices');
  return findNoticeTarget(deps.store, accountId, targetId);
}

/** Takes a target away, with what waits for it. Throws `not_found` and `changed_meanwhile`. */
export async function removeNoticeTarget(
  { store }: Pick<TargetDeps<'deleteNoticeTarget'>, 'store'>,
  { accountId, actor }: Principal,
  targetId: string,
  expected?: Expected,
): Promise<void> {
  if ((await store.deleteNoticeTarget(accountId, targetId, actor, expected)) === 'missing')
    throw notFound('target of notices');
}

/** What a target is kept with. */
async function checkTarget(
  { checkUrl }: Pick<TargetDeps<never>, 'checkUrl'>,
  { name, kind, url, mail, secret }: Pick<NoticeTarget, 'name' | 'kind' | 'url' | 'mail' | 'secret'>,
): Promise<Pick<NoticeTarget, 'name' | 'url' | 'mail' | 'secret'>> {
  const needs = parts[kind];
  requirePart('url', url !== null, needs.url, kind);
  requirePart('secret', secret !== null, needs.secret, kind);
  requirePart('addresses', mail.length > 0, kind === 'email' ? 'needed' : 'none', kind);
  if (kind === 'webhook' && secret !== null && !/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret))
    throw refusal('secret', 'target_secret');
  return {
    name: readName(name),
    url: url === null ? null : await readUrl(checkUrl, url),
    mail: readAddresses(mail),
    secret,
  };
}

function requirePart(
  field: string,
  isThere: boolean,
  need: 'needed' | 'optional' | 'none' | 'own',
  kind: TargetKind,
): void {
  if (need === 'needed' && !isThere) throw refusal(field, 'target_needs', { kind });
  if (need === 'none' && isThere) throw refusal(field, 'target_without', { kind });
}

function readName(text: string): string {
  const name = text.trim();
  if (name.length > 0 && name.length <= maxName && !/\p{Cc}/u.test(name)) return name;
  throw refusal('name', 'name_line', { limit: maxName });
}

function readAddresses(mail: readonly string[]): readonly string[] {
  const addresses = [...new Set(mail.map((address) => address.trim()))];
  if (addresses.length <= maxMail && addresses.every(isMailAddress)) return addresses;
  throw refusal('addresses', 'mail_addresses', { limit: maxMail });
}

async function readUrl(checkUrl: (url: string) => Promise<string | null>, text: string): Promise<string> {
  const parsed = parseCallbackUrl(text);
  const fault = 'fault' in parsed ? parsed.fault : await checkUrl(parsed.url);
  if ('fault' in parsed || fault !== null)
    throw new FieldError(
      'bad_callback_url',
      'url',
      `url: ${fault}`,
      'why' in parsed ? parsed.why : faultOf('url_inside'),
    );
  return parsed.url;
}

function refusal(field: string, code: FaultCode, params: ValueFault['params'] = {}): FieldError {
  const fault = faultOf(code, params);
  return new FieldError('bad_request', field, `${field}: ${toFaultText(fault)}`, fault);
}
