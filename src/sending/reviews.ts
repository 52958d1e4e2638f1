// Brings templates to their review: asks the channel, or reviews those that no channel does.
import type { Connector, ParsedWebhook, ReviewOutcome } from '../channels/channel.ts';
import type { AccountId } from '../domain/account.ts';
import type { Channel, ChannelType } from '../domain/channel.ts';
import { noticed } from '../domain/findings.ts';
import type { RaiseNotice } from '../domain/notice.ts';
import type { AuditStatus } from '../domain/receipt.ts';
import type { Template } from '../domain/template.ts';
import type { Directory } from '../store/directory.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from '../telemetry/events.ts';
import { startLoop } from './loop.ts';

export interface ReviewDeps {
  readonly store: Pick<Store, 'claimReviews' | 'planReview'>;
  readonly directory: Directory;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
  readonly raiseNotice: RaiseNotice;
  readonly now: () => number;
  /** Milliseconds that no change of a clock moves, for what never leaves this process; `now` when left out. */
  readonly monotonic?: () => number;
  /** Records what a channel said, or what is said in its place, as its webhook would be. */
  readonly record: (channel: Channel, body: Buffer, parsed: ParsedWebhook) => Promise<unknown>;
  /** A value with the addresses of uploaded files in it replaced by links that the channel can read. */
  readonly signLinks: <T>(accountId: AccountId, value: T) => T;
  /** How long a template that no channel reviews stays in review. */
  readonly localReviewMs: number;
}

const stepTemplates = 20;
const leaseMs = 60_000;
const lookMs = 1000;
/** A review that the channel never told the end of is asked for so often. */
const pollMs = 5 * 60_000;
/** One notice a channel and day: what keeps one template waiting keeps the others. */
const toldAgainMs = 24 * 60 * 60_000;
const maxTold = 1000;

/** When it was told of a channel last that its templates wait. */
interface Told {
  readonly told: Map<string, number>;
}

/** Looks for templates to review every second. Returns what ends it. */
export function startReviews(deps: ReviewDeps): () => Promise<void> {
  const told = new Map<string, number>();
  return startLoop({ unit: 'reviews', emit: deps.emit, everyMs: lookMs }, async () => {
    for (const template of await deps.store.claimReviews(stepTemplates, deps.now(), leaseMs))
      await review({ ...deps, told }, template);
  });
}

async function review(deps: ReviewDeps & Told, template: Template): Promise<void> {
  const channel = await deps.directory.channel(template.channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  if (channel === undefined || connector === undefined) {
    await deps.store.planReview(template, null, null);
    return;
  }
  if (connector.submitTemplate === undefined) return reviewHere(deps, channel, connector, template);
  const outcome =
    template.vendorId === null
      ? await connector.submitTemplate(channel, signTemplate(deps, template))
      : ((await connector.fetchTemplate?.(channel, template)) ?? { kind: 'later' as const });
  if (outcome.kind === 'later') {
    tellWaiting(deps, channel, template, outcome);
    await deps.store.planReview(template, null, deps.now() + pollMs);
    return;
  }
  // Where it was changed meanwhile, the channel spoke of what it said before: it is handed in anew.
  const { store, now } = deps;
  if (outcome.kind === 'refused') {
    if (await store.planReview(template, null, now() + leaseMs))
      await audit(deps, channel, template, 'fail', outcome.reason);
    return;
  }
  const { vendorId, status, reason } = outcome;
  const isNew = status !== template.status;
  const nextAt = status === 'auditing' ? now() + pollMs : isNew ? now() + leaseMs : null;
  if ((await store.planReview(template, vendorId, nextAt)) && isNew)
    await audit(deps, channel, template, status, reason);
}

/** A template that waits for a person to mend something, or for a code that is new to be understood, is told. */
function tellWaiting(
  { emit, raiseNotice, now, monotonic = now, told }: ReviewDeps & Told,
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

function signTemplate({ signLinks }: ReviewDeps, template: Template): Template {
  const { accountId, components, example } = template;
  return {
    ...template,
    components: signLinks(accountId, components),
    example: signLinks(accountId, example),
  };
}

/** Where no channel reviews, a template passes once its time is over, unless a person has decided before; a simulated one judges. */
async function reviewHere(
  deps: ReviewDeps,
  channel: Channel,
  connector: Connector,
  template: Template,
): Promise<void> {
  const dueAt = template.updatedAt + deps.localReviewMs;
  if (dueAt > deps.now()) {
    await deps.store.planReview(template, null, dueAt);
    return;
  }
  if (!(await deps.store.planReview(template, null, deps.now() + leaseMs))) return;
  const { status, reason } = connector.judgeTemplate?.(template) ?? { status: 'pass', reason: '' };
  await audit(deps, channel, template, status, reason);
}

/**
 * Ends the review of a template by a person's word, as its channel would have ended it. Resolves to false, and does nothing,
 * when it is the channel that reviews.
 */
export async function decideReview(
  deps: Pick<ReviewDeps, 'directory' | 'connectors' | 'now' | 'record'>,
  template: Template,
  status: 'pass' | 'fail',
  reason: string,
): Promise<boolean> {
  const channel = await deps.directory.channel(template.channelId);
  const connector = channel === undefined ? undefined : deps.connectors[channel.type];
  if (channel === undefined || connector === undefined || connector.submitTemplate !== undefined)
    return false;
  await audit(deps, channel, template, status, reason);
  return true;
}

async function audit(
  deps: Pick<ReviewDeps, 'now' | 'record'>,
  channel: Channel,
  template: Template,
  status: AuditStatus,
  reason: string,
): Promise<void> {
  const event = {
    index: 0,
    route: { by: 'waba', id: channel.wabaId ?? channel.id },
    identity: ['review', template.code, template.language, String(template.updatedAt), status],
    occurredAt: deps.now(),
    facts: {
      type: 'ChatAppAudit',
      event: 'template',
      wabaId: channel.wabaId ?? '',
      templateCode: template.code,
      templateName: template.name,
      language: template.language,
      auditStatus: status,
      reason,
    },
  } as const;
  const body = Buffer.from(JSON.stringify({ readFrom: 'a review of a template', event }));
  await deps.record(channel, body, { events: [event], remarks: [] });
}
