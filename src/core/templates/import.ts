// Takes over the templates that a channel has: those made there, and what became of the others while nobody was told.
import { randomBytes } from 'node:crypto';
import type { Connector, ListedTemplate, TemplateList } from '../../channels/channel.ts';
import { system } from '../../domain/account.ts';
import type { Actor } from '../../domain/account.ts';
import type { Channel, ChannelType } from '../../domain/channel.ts';
import { FaultError, GatewayError } from '../../domain/errors.ts';
import { findDifferences } from '../../domain/template-content.ts';
import type { Template } from '../../domain/template.ts';
import { versionOfTemplate } from '../../domain/version.ts';
import type { Store } from '../../store/store.ts';
import type { Emit } from '../../telemetry/events.ts';
import { decide, planOne, toUpdate } from './import-plan.ts';
import type { PlannedStep } from './import-plan.ts';
import { settleReview } from './reviews.ts';
import type { SettlingDeps } from './reviews.ts';
import type { Stopwatch } from '../../runtime/clock.ts';

export interface AdoptionDeps extends Pick<SettlingDeps, 'now' | 'record'>, Stopwatch {
  readonly store: Pick<
    Store,
    'listSenders' | 'findTemplates' | 'createTemplate' | 'updateTemplate' | 'planReview'
  >;
  readonly connectors: Readonly<Partial<Record<ChannelType, Connector>>>;
  readonly emit: Emit;
}

export interface AdoptionOptions {
  readonly actor?: Actor;
  /** Takes what the channel has where a template here, which never reached it, says otherwise. */
  readonly replace?: boolean;
}

interface Named {
  readonly name: string;
  readonly language: string;
}

/** What came of a look at the templates of a channel. */
export interface Adopted {
  /** How many languages of templates the channel has. */
  readonly listed: number;
  /** How many of them were not here. */
  readonly made: number;
  /** How many were here and stood otherwise. */
  readonly changed: number;
  /** False where the channel's list was left at its bound. */
  readonly isWhole: boolean;
  /** Those that say another thing here than there, and stay as they are. */
  readonly differing: readonly (Named & { readonly differences: readonly string[] })[];
  /** Parts that are not known here and were kept as they are, and templates that could not be read. */
  readonly unread: readonly (Named & { readonly parts: readonly string[] })[];
}

/** What an adoption would come to, told before it is done. */
export interface Planned extends Pick<Adopted, 'listed' | 'isWhole' | 'unread'> {
  /** Those that would be made, changed, or left as they are although they differ; not those that stand as they are there. */
  readonly steps: readonly PlannedStep[];
}

/** How many are written at once; on the embedded store they share commits. */
const step = 50;
/** A template that was just handed in may be missing in a list. */
const settleMs = 10 * 60_000;

type Outcome = 'made' | 'changed' | 'same' | readonly string[];

/**
 * Lists the templates of a channel and takes over what is not here or stands otherwise. Nothing is changed at the channel. May
 * be called again, and by several nodes at once. Throws `channel_refused` and `channel_unavailable` where the channel does not
 * list them, `bad_request` where it has none to list.
 */
export async function adoptTemplates(
  deps: AdoptionDeps,
  channel: Channel,
  options: AdoptionOptions = {},
): Promise<Adopted> {
  const startedAt = deps.monotonic();
  const { accountId, id: channelId, type: channelType } = channel;
  const tell = (outcome: 'taken' | 'refused', counts: Partial<Adopted> = {}): void => {
    const { listed = 0, made = 0, changed = 0, differing = [] } = counts;
    const durationMs = deps.monotonic() - startedAt;
    deps.emit('templates.adopted', {
      ...{ accountId, channelId, channelType, outcome, listed, made, changed },
      differing: differing.length,
      durationMs,
    });
  };
  const found = await askForList(deps, channel).catch((error: unknown) => {
    if (error instanceof GatewayError && error.code !== 'bad_request') tell('refused');
    throw error;
  });
  const adopted = await takeAll(deps, channel, found, options);
  tell('taken', adopted);
  return adopted;
}

/** Tells what an adoption would do now, and does nothing of it. Throws as {@link adoptTemplates} does. */
export async function planAdoption(
  deps: Pick<AdoptionDeps, 'connectors'> & {
    readonly store: Pick<AdoptionDeps['store'], 'listSenders' | 'findTemplates'>;
  },
  channel: Channel,
  { replace = false }: Pick<AdoptionOptions, 'replace'> = {},
): Promise<Planned> {
  const { templates, isWhole, unread } = await askForList(deps, channel);
  const known = await findKnown(deps, channel);
  const listed = toListed(templates);
  const steps = listed.map((one) => ({ listed: one, ...planOne(one, known.get(toKey(one)), replace) }));
  return {
    listed: listed.length,
    isWhole,
    steps: steps.flatMap(({ kind, fields, listed: { name, language } }) =>
      kind === 'same' ? [] : [{ name, language, kind, fields }],
    ),
    unread: tellUnread(unread, listed),
  };
}

async function askForList(
  deps: Pick<AdoptionDeps, 'connectors'> & { readonly store: Pick<AdoptionDeps['store'], 'listSenders'> },
  channel: Channel,
): Promise<TemplateList> {
  const { accountId, id: channelId, type: channelType } = channel;
  const senders = await deps.store.listSenders(accountId, channelId);
  const found = await deps.connectors[channelType]?.listTemplates?.(channel, senders);
  if (found === undefined) throw new FaultError('bad_request', 'vendor_no_templates', { type: channelType });
  if ('fault' in found)
    throw new GatewayError(
      found.fault === 'refused' ? 'channel_refused' : 'channel_unavailable',
      found.reason,
    );
  return found;
}

async function findKnown(
  { store }: { readonly store: Pick<AdoptionDeps['store'], 'findTemplates'> },
  channel: Channel,
): Promise<ReadonlyMap<string, Template>> {
  const found = await store.findTemplates(channel.accountId, { channelId: channel.id });
  return new Map(found.map((one) => [toKey(one), one]));
}

/** Several Pages of one channel may have the same template. */
function toListed(templates: readonly ListedTemplate[]): readonly ListedTemplate[] {
  return [...new Map(templates.toReversed().map((one) => [toKey(one), one])).values()];
}

function tellUnread(unread: TemplateList['unread'], listed: readonly ListedTemplate[]): Adopted['unread'] {
  return [
    ...unread,
    ...listed.flatMap(({ name, language, unread: parts }) =>
      parts.length === 0 ? [] : [{ name, language, parts }],
    ),
  ];
}

async function takeAll(
  deps: AdoptionDeps,
  channel: Channel,
  { templates, isWhole, unread }: TemplateList,
  options: AdoptionOptions,
): Promise<Adopted> {
  const known = await findKnown(deps, channel);
  const listed = toListed(templates);
  for (const { status, word } of listed)
    if (status === null && word !== '') tellUnrecognized(deps, channel, word);
  const outcomes: Outcome[] = [];
  for (let start = 0; start < listed.length; start += step)
    outcomes.push(
      ...(await Promise.all(
        listed
          .slice(start, start + step)
          .map((one) => takeOne(deps, channel, one, known.get(toKey(one)), options)),
      )),
    );
  const there = new Set(listed.map(toKey));
  const gone = [...known.values()].filter((one) => !there.has(toKey(one)));
  if (isWhole) for (const template of gone) await missOne(deps, channel, template);
  return {
    listed: listed.length,
    made: outcomes.filter((outcome) => outcome === 'made').length,
    changed: outcomes.filter((outcome) => outcome === 'changed').length,
    isWhole,
    differing: listed.flatMap(({ name, language }, n) => {
      const differences = outcomes[n];
      return typeof differences === 'object' ? [{ name, language, differences }] : [];
    }),
    unread: tellUnread(unread, listed),
  };
}

function tellUnrecognized({ emit }: AdoptionDeps, channel: Channel, code: string): void {
  const { accountId, id: channelId, type: channelType } = channel;
  emit('channel.unrecognized', { accountId, channelId, channelType, call: 'list', code });
}

function toKey({ name, language }: Named): string {
  return `${name}/${language}`;
}

async function takeOne(
  deps: AdoptionDeps,
  channel: Channel,
  listed: ListedTemplate,
  own: Template | undefined,
  { actor = system, replace = false }: AdoptionOptions,
): Promise<Outcome> {
  if (own === undefined) return make(deps, channel, listed, actor);
  const decision = decide(own, listed, replace);
  if (decision !== 'take') return decision === 'keep' ? findDifferences(own, listed) : 'same';
  const isChanged = await write(deps, own, listed, actor);
  if (isChanged === 'meanwhile') return 'same';
  const template = isChanged ?? own;
  const { vendorId, route } = listed;
  // A word that is not known says nothing of where it stands.
  const { status, reason } = listed.status === null ? own : { ...listed, status: listed.status };
  const review = { vendorId, status, reason, route };
  // A review under way is asked for by itself, and one whose word is known needs nothing to be written.
  const isKnown = own.vendorId === listed.vendorId && own.status === status;
  const isTold =
    !isKnown && (await settleReview(deps, channel, template, review, isReviewedThere(deps, channel)));
  return isChanged !== null || isTold || own.vendorId !== listed.vendorId ? 'changed' : 'same';
}

async function make(
  deps: AdoptionDeps,
  channel: Channel,
  { unread: _unread, word: _word, route: _route, ...listed }: ListedTemplate,
  actor: Actor,
): Promise<Outcome> {
  const status = listed.status ?? 'auditing';
  const isOpen = status === 'auditing' && isReviewedThere(deps, channel);
  const made = await deps.store.createTemplate(
    channel.accountId,
    {
      ...listed,
      status,
      channelId: channel.id,
      code: randomBytes(16).toString('hex'),
      type: 'WHATSAPP',
      allowSend: true,
      categoryChangePaused: false,
      isEdited: false,
      offered: [],
      asked: null,
      reviewAt: isOpen ? deps.now() : null,
    },
    actor,
  );
  return made === 'exists' ? 'same' : 'made';
}

/** Whether the channel is asked how a review stands; where it is not, its webhooks and its list are all there is. */
function isReviewedThere({ connectors }: AdoptionDeps, { type }: Channel): boolean {
  return connectors[type]?.fetchTemplate !== undefined;
}

/** Writes what the channel says of a template that is here; null where that is what is here, `meanwhile` where somebody else wrote. */
async function write(
  { store }: AdoptionDeps,
  own: Template,
  listed: ListedTemplate,
  actor: Actor,
): Promise<Template | null | 'meanwhile'> {
  const { accountId, channelId, code, language } = own;
  const change = toUpdate(own, listed);
  const isSame = (Object.keys(change) as (keyof typeof change)[]).every(
    (key) => JSON.stringify(change[key]) === JSON.stringify(own[key]),
  );
  if (isSame) return null;
  try {
    const outcome = await store.updateTemplate(
      accountId,
      { channelId, code, language, ...change },
      actor,
      undefined,
      { kind: 'versions', versions: [versionOfTemplate(own)] },
    );
    if (outcome !== 'changed') return 'meanwhile';
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'changed_meanwhile') return 'meanwhile';
    throw error;
  }
  return (await store.findTemplates(accountId, { channelId, code, language }))[0] ?? 'meanwhile';
}

/** One that is not in the channel's list was deleted there, if it was there for a while. */
async function missOne(deps: AdoptionDeps, channel: Channel, template: Template): Promise<void> {
  const { vendorId, status, isEdited, updatedAt } = template;
  if (vendorId === null || status === 'disabled' || isEdited || updatedAt > deps.now() - settleMs) return;
  // Where the channel can be asked for one, its own word decides.
  if (isReviewedThere(deps, channel)) await deps.store.planReview(template, { reviewAt: deps.now() });
  else await settleReview(deps, channel, template, { vendorId, status: 'disabled', reason: '' }, false);
}
