// Brings templates to their review: asks the channel, or reviews those that no channel does.
import type { Connector, ParsedWebhook, ReviewOutcome } from '../../channels/channel.ts';
import type { AccountId } from '../../domain/account.ts';
import type { Channel, ChannelType } from '../../domain/channel.ts';
import { FaultError } from '../../domain/errors.ts';
import { noticed } from '../../domain/findings.ts';
import type { RaiseNotice } from '../../domain/notice.ts';
import type { AuditStatus, Route } from '../../domain/receipt.ts';
import { digestContent } from '../../domain/template-content.ts';
import { toReviewIdentity } from '../../domain/identity.ts';
import { schedules, toWait } from '../../domain/retry.ts';
import type { ParameterFormat, Template } from '../../domain/template.ts';
import type { Directory } from '../../store/directory.ts';
import type { ClaimedReview, Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { SetTimer } from '../../runtime/loop.ts';
import { TurnPool } from '../../runtime/turns.ts';
import type { Time } from '../../runtime/clock.ts';
import type { TemplateOwner } from './submission.ts';

interface ReviewDeps extends Time {
  readonly store: Pick<
    Store,
    | 'listDueTemplateAccounts'
    | 'listDueTemplateChannels'
    | 'claimReviews'
    | 'renewReview'
    | 'noteOffered'
    | 'planReview'
  >;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  /** Records what a channel said, or what is said in its place, as its webhook would be. */
  readonly record: (channel: Channel, body: Buffer, parsed: ParsedWebhook) => Promise<unknown>;
  /** A value with the addresses of uploaded files in it replaced by links that the channel can read. */
  readonly signLinks: <T>(accountId: AccountId, value: T) => T;
  /** How long a template that no channel reviews stays in review. */
  readonly localReviewMs: number;
  readonly setTimer?: SetTimer;
}

/** Reviews under way at once; of one channel they come one after the other. */
const places = 16;
/** What was handed in under one name without an answer, at most: the newest are kept. */
const maxOffered = 20;
/** Of a process that dies; who is still at it renews its lease. */
const leaseMs = 60_000;
const renewMs = 20_000;
const lookMs = 1000;
/** One notice a channel and day: what keeps one template waiting keeps the others. */
const toldAgainMs = 24 * 60 * 60_000;
const maxTold = 1000;

/** When it was told of a channel last that its templates wait. */
interface Told {
  readonly told: Map<string, number>;
}

/** Looks for templates to review every second. */
export function createReviews(deps: ReviewDeps): TurnPool<ClaimedReview> {
  const { store, emit, now, monotonic } = deps;
  const told = new Map<string, number>();
  return new TurnPool({
    name: 'reviews',
    emit,
    now,
    monotonic,
    everyMs: lookMs,
    places,
    placesPerChannel: 1,
    due: {
      listAccounts: (...page) => store.listDueTemplateAccounts('review', ...page),
      listChannels: (...page) => store.listDueTemplateChannels('review', ...page),
      claim: async (owner, at) => (await store.claimReviews(owner, 1, at, leaseMs))[0],
    },
    work: (template) => review({ ...deps, told }, template),
    renew: (template) => store.renewReview(template, now() + leaseMs),
    renewMs,
    ...(deps.setTimer && { setTimer: deps.setTimer }),
  });
}

async function review(deps: ReviewDeps & Told, template: ClaimedReview): Promise<void> {
  const { store, now } = deps;
  const { lease } = template;
  const channel = await deps.directory.channel(template.channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  if (channel === undefined || connector === undefined) {
    await store.planReview(template, { reviewAt: null, lease });
    return;
  }
  if (connector.submitTemplate === undefined) return reviewHere(deps, channel, connector, template);
  const outcome = await ask(deps, connector, channel, template);
  if (outcome.kind === 'later') {
    tellWaiting(deps, channel, template, outcome);
    await store.planReview(template, { reviewAt: planAsking(now()), lease });
    return;
  }
  // Where it was changed meanwhile, the channel spoke of what it said before: it is handed in anew.
  if (outcome.kind === 'refused') {
    if ((await store.planReview(template, { reviewAt: planAgain(now()), lease })) !== null)
      await audit(deps, channel, template, {
        status: 'fail',
        reason: outcome.reason,
        vendorId: template.vendorId,
      });
    return;
  }
  await settleReview(deps, channel, template, { ...outcome, lease });
}

/** When an open review is asked for next. */
function planAsking(now: number): number {
  return now + (toWait(schedules.review, 1) ?? 0);
}

/** When a word that ends a review is asked for again, should it not have been recorded. */
function planAgain(now: number): number {
  return now + (toWait(schedules.verdict, 1) ?? 0);
}

/** Hands a template in, noting that first, or has it changed, or asks how its review stands. */
async function ask(
  { store, ...deps }: ReviewDeps,
  connector: Connector,
  channel: Channel,
  template: ClaimedReview,
): Promise<ReviewOutcome> {
  if (template.vendorId !== null && !template.isEdited)
    return (await connector.fetchTemplate?.(channel, template)) ?? { kind: 'later' };
  // Whatever becomes of the call, what is found under its name afterwards is known by this to be ours.
  const offered = [...new Set([...template.offered, digestContent(template)])].slice(-maxOffered);
  if (template.vendorId === null && !(await store.noteOffered(template, offered))) return { kind: 'later' };
  const signed = { ...template, ...signTemplate(deps, template) };
  return (await connector.submitTemplate?.(channel, signed)) ?? { kind: 'later' };
}

/** Where the channel says that a template's review stands. */
interface FoundReview {
  readonly vendorId: string;
  readonly status: AuditStatus;
  readonly reason: string;
  readonly parameterFormat?: ParameterFormat;
  /** Whose events tell of it; the channel's own when left out. */
  readonly route?: Route;
  /** Of whoever was at the review. */
  readonly lease?: string;
}

export interface SettlingDeps extends Pick<ReviewDeps, 'now' | 'record'> {
  readonly store: Pick<Store, 'planReview'>;
}

/**
 * Notes where the channel says that a review stands, and records it as its webhook would be where that is new. What the webhook
 * told meanwhile is not told again, nor is what it tells later of the same. Resolves to whether it was new.
 */
export async function settleReview(
  deps: SettlingDeps,
  channel: Channel,
  template: Template,
  { vendorId, status, reason, parameterFormat, route, lease }: FoundReview,
  isReviewedThere = true,
): Promise<boolean> {
  const { store, now } = deps;
  const isNew = status !== template.status;
  const isOpen = isReviewedThere && (status === 'auditing' || isNew);
  const stands = await store.planReview(template, {
    vendorId,
    reviewAt: !isOpen ? null : status === 'auditing' ? planAsking(now()) : planAgain(now()),
    ...(lease === undefined ? {} : { lease }),
    ...(parameterFormat === undefined ? {} : { parameterFormat }),
    ...(isNew ? { asked: { status, updatedAt: template.updatedAt, at: now() } } : {}),
  });
  if (!isNew || stands !== template.status) return false;
  await audit(deps, channel, template, {
    status,
    reason,
    vendorId,
    ...(route === undefined ? {} : { route }),
  });
  return true;
}

/** A template that waits for a person to mend something, or for a code that is new to be understood, is told. */
function tellWaiting(
  { emit, raiseNotice, monotonic, told }: ReviewDeps & Told,
  { type }: Channel,
  { accountId, channelId, name }: Template,
  { reason, unrecognized }: Extract<ReviewOutcome, { readonly kind: 'later' }>,
): void {
  if (unrecognized !== undefined)
    emit('channel.unrecognized', {
      accountId,
      channelId,
      channelType: type,
      call: 'review',
      code: unrecognized,
    });
  if (reason === undefined || (told.get(channelId) ?? Number.NEGATIVE_INFINITY) > monotonic() - toldAgainMs)
    return;
  if (told.size >= maxTold) told.clear();
  told.set(channelId, monotonic());
  raiseNotice({
    accountId,
    subject: `channel/${channelId}`,
    ...noticed('template_waiting', { channelId, name, said: reason }),
  });
}

function signTemplate(
  { signLinks }: Pick<ReviewDeps, 'signLinks'>,
  { accountId, components, example }: Template,
): Pick<Template, 'components' | 'example'> {
  return {
    components: signLinks(accountId, components),
    example: signLinks(accountId, example),
  };
}

/** Where no channel reviews, a template passes once its time is over, unless a person has decided before; a simulated one judges. */
async function reviewHere(
  deps: ReviewDeps,
  channel: Channel,
  connector: Connector,
  template: ClaimedReview,
): Promise<void> {
  const { lease } = template;
  const dueAt = template.updatedAt + deps.localReviewMs;
  if (dueAt > deps.now()) {
    await deps.store.planReview(template, { reviewAt: dueAt, lease });
    return;
  }
  if ((await deps.store.planReview(template, { reviewAt: planAgain(deps.now()), lease })) === null) return;
  const verdict = connector.judgeTemplate?.(template) ?? { status: 'pass', reason: '' };
  await audit(deps, channel, template, { ...verdict, vendorId: null });
}

/**
 * Ends the review of a template by a person's word, as its channel would have ended it. Throws `wrong_state` for a template that waits
 * for no review, or whose channel reviews it.
 */
export async function decideReview(
  deps: DecisionDeps,
  { accountId, actor }: TemplateOwner,
  template: Template,
  { decision, reason }: ReviewDecision,
): Promise<void> {
  if (template.status !== 'auditing')
    throw new FaultError('wrong_state', 'review_over', { status: template.status });
  const channel = await deps.directory.channel(template.channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  const isReviewedHere =
    connector !== undefined &&
    connector.submitTemplate === undefined &&
    // One that was found at its channel is judged there.
    template.vendorId === null;
  if (channel === undefined || !isReviewedHere) throw new FaultError('wrong_state', 'review_elsewhere');
  await audit(deps, channel, template, { status: decision, reason, vendorId: null });
  await deps.store.recordChange(accountId, actor, 'template.reviewed', `template/${template.code}`, {
    language: template.language,
    decision,
  });
}

/** What a person says of a template that no channel reviews. */
export interface ReviewDecision {
  readonly decision: 'pass' | 'fail';
  readonly reason: string;
}

interface DecisionDeps extends Pick<ReviewDeps, 'directory' | 'connectors' | 'now' | 'record'> {
  readonly store: Pick<Store, 'recordChange'>;
}

/**
 * Records a word of a review. It is told under the channel's id of the template, where there is one, and by the same route as its
 * webhooks: so they are of one lane, and what was asked for here can be the same receipt as its webhook.
 */
async function audit(
  deps: Pick<ReviewDeps, 'now' | 'record'>,
  channel: Channel,
  template: Template,
  {
    status,
    reason,
    vendorId,
    route,
  }: Pick<FoundReview, 'status' | 'reason' | 'route'> & { readonly vendorId: string | null },
): Promise<void> {
  const { code, name, language, updatedAt } = template;
  const event = {
    index: 0,
    route: route ?? { by: 'waba', id: channel.wabaId ?? channel.id },
    identity: toReviewIdentity(template, { status, updatedAt }),
    occurredAt: deps.now(),
    facts: {
      type: 'ChatAppAudit',
      event: 'template',
      wabaId: channel.wabaId ?? '',
      templateCode: vendorId ?? code,
      templateName: name,
      language,
      auditStatus: status,
      reason,
    },
  } as const;
  const body = Buffer.from(JSON.stringify({ readFrom: 'a review of a template', event }));
  await deps.record(channel, body, { events: [event], remarks: [] });
}
