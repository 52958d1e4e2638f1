// A message of the business from the call to the store: every rule of it, whatever protocol asks for it.
import { randomInt } from 'node:crypto';
import type { AccountId } from '../../domain/account.ts';
import type { Sender } from '../../domain/channel.ts';
import type { FallbackWish } from '../../domain/fallback.ts';
import { formatOutboundId } from '../../domain/ids.ts';
import type { Envelope, NewOutboundMessage } from '../../domain/message.ts';
import { invalid, missing, Refusal } from '../../domain/refusal.ts';
import type { Template } from '../../domain/template.ts';
import type { Directory } from '../../store/directory.ts';
import type { Store } from '../../store/store.ts';
import type { SpanOrigin } from '../../telemetry/tracing.ts';
import { readContent, readMessageType } from './content.ts';
import type { Surface } from './content.ts';
import { orRefusal, readFallback } from './fallback-wish.ts';
import { short, whole } from './given-message.ts';
import type { GivenMass, GivenMessage, GivenOptions } from './given-message.ts';
import { contentError } from './limits.ts';
import { readRecipient } from './recipient.ts';
import { findNamedSender, findSurface } from './sender.ts';
import { findSendableTemplate, requireNamed, toTemplateMembers } from './template-values.ts';
import type { Place } from './template-values.ts';

const maxRecipients = 1000;
const ttlSeconds = [30, 1_209_600] as const;
const maxTaskIdLength = 128;
const maxContextLength = 512;
/** As much as Viber keeps. */
const maxTrackingLength = 4000;
const maxTagLength = 256;

const labels: Readonly<Record<string, string>> = {
  promotion: 'promotion',
  transaction: 'transaction',
  // The official text has these spellings.
  pormotion: 'promotion',
  transation: 'transaction',
  // Within a session that the user has opened; not in the official text.
  session: 'session',
};
/** What Viber Business Messages have within a session. */
const sessionTypes: readonly string[] = ['text', 'image'];

export interface AcceptanceSettings {
  /** Lifetime of a message that names none, in milliseconds. */
  readonly ttlMs: number;
  /** The accounts, or all, of which a task sends one message to a recipient, however often it is asked. */
  readonly oncePerTask: boolean | readonly AccountId[];
  /** Whether there is somebody to hand SMS fallbacks to. */
  readonly hasSmsGateway: boolean;
}

export interface AcceptanceDeps {
  readonly store: Pick<Store, 'addOutbound'>;
  readonly directory: Pick<Directory, 'senders' | 'channel' | 'template'>;
  readonly uploads: {
    /** The first address in a value that names a file which the account has not uploaded. */
    findMissing(accountId: AccountId, value: unknown): Promise<string | undefined>;
  };
  readonly now: () => number;
  readonly settings: AcceptanceSettings;
  /** The call that asks, where traces are made. */
  readonly origin?: SpanOrigin;
}

/**
 * Takes one message: checks it, stores it, and resolves to its id. What becomes of it is told by receipts. Throws the refusal of the
 * rule that is broken.
 */
export async function acceptMessage(
  deps: AcceptanceDeps,
  accountId: AccountId,
  given: GivenMessage,
): Promise<string> {
  const { directory, settings } = deps;
  const { frame, template } = given;
  const sender = await findNamedSender(directory, accountId, given.sender);
  const surface = await findSurface(directory, sender);
  const recipient = readRecipient(sender.type, given.recipient);
  const fallBack = readFallback(given.fallBack, settings.hasSmsGateway);
  const common = readCommon(surface, given);
  const context = readContext(sender, given);
  const messageType = frame === 'message' ? readFreeType(surface, given) : 'template';
  const members = await orRefusal(fallBack, template, async () =>
    frame === 'message'
      ? { content: readFreeContent(surface, messageType, given) }
      : toTemplateMembers(await findSendableTemplate(directory, accountId, sender, template), given.values, {
          surface,
          at: '',
        }),
  );
  const envelope: Envelope = {
    frame,
    messageType,
    ...members,
    ...recipient.envelope,
    ...common,
    ...context,
    ...(fallBack === undefined ? {} : { fallBack }),
    ...toTrace(deps),
  };
  await requireUploads(deps, accountId, envelope);
  const [added] = await add(deps, accountId, [
    { to: recipient.to, groupId: null, envelope, ...readShared(deps, accountId, sender, given) },
  ]);
  if (added === undefined) throw new Error('One message was added.');
  return formatOutboundId(added.id);
}

/**
 * Takes one template for up to 1,000 recipients, all of them or none, in one commit; resolves to the id that they have in common.
 * Throws the refusal of the rule that is broken, of one recipient's message with his place in the list.
 */
export async function acceptMass(
  deps: AcceptanceDeps,
  accountId: AccountId,
  given: GivenMass,
): Promise<string> {
  const { directory, settings, now } = deps;
  requireNamed(given.template);
  const sender = await findNamedSender(directory, accountId, given.sender);
  requireRecipients(given.recipients.length);
  const fallBack = readFallback(given.fallBack, settings.hasSmsGateway);
  // Where a fallback takes the place of what the template's rules refuse, each recipient's message is refused by itself.
  let template: Template | undefined;
  const refused = await orRefusal(fallBack, given.template, async () => {
    template = await findSendableTemplate(directory, accountId, sender, given.template);
    return {};
  });
  const surface = await findSurface(directory, sender);
  const common = readCommon(surface, given);
  const groupId = toGroupId(now());
  const shared = readShared(deps, accountId, sender, given);
  const messages: NewOutboundMessage[] = [];
  for (const [index, one] of given.recipients.entries()) {
    const at = `SenderList.${index + 1}.`;
    const recipient = readRecipient(sender.type, one, at);
    const members =
      template === undefined
        ? refused
        : await toMassMembers(given, fallBack, template, one.values, { surface, at });
    const envelope: Envelope = {
      frame: 'template',
      messageType: 'template',
      ...members,
      ...recipient.envelope,
      ...common,
      ...(fallBack === undefined ? {} : { fallBack }),
      ...toTrace(deps),
    };
    messages.push({ to: recipient.to, groupId, envelope, ...shared });
  }
  await requireUploads(
    deps,
    accountId,
    messages.map(({ envelope }) => envelope.templateParams),
  );
  await add(deps, accountId, messages);
  return groupId;
}

/** The trace that the call came in, where it came in one. */
function toTrace({ origin }: AcceptanceDeps): Pick<Envelope, 'traceparent'> {
  return origin?.traceparent === undefined ? {} : { traceparent: origin.traceparent };
}

/** Puts messages into the store. */
async function add(
  { store, origin }: AcceptanceDeps,
  accountId: AccountId,
  messages: readonly NewOutboundMessage[],
): ReturnType<Store['addOutbound']> {
  const spans = origin?.commit();
  const added = await store.addOutbound(accountId, messages);
  if (spans === undefined) return added;
  for (const [index, { id, repeat }] of added.entries()) {
    const message = messages[index];
    if (message !== undefined)
      spans.accepted({ ...message, accountId, id, messageId: formatOutboundId(id) }, repeat);
  }
  return added;
}

/** Waits for nothing where nothing can be refused in favour of a fallback. */
function toMassMembers(
  { template: named }: GivenMass,
  fallBack: FallbackWish | undefined,
  template: Template,
  values: GivenMass['recipients'][number]['values'],
  place: Place,
): Partial<Envelope> | Promise<Partial<Envelope>> {
  if (fallBack === undefined) return toTemplateMembers(template, values, place);
  return orRefusal(fallBack, named, () => toTemplateMembers(template, values, place));
}

function requireRecipients(count: number): void {
  if (count === 0) throw missing('SenderList');
  if (count > maxRecipients)
    throw invalid('SenderList', `holds ${count} recipients; one call takes at most ${maxRecipients}`);
}

/** Throws a refusal for the address of a file that was not uploaded. */
async function requireUploads(
  { uploads }: AcceptanceDeps,
  accountId: AccountId,
  value: unknown,
): Promise<void> {
  const address = await uploads.findMissing(accountId, value);
  if (address !== undefined)
    throw contentError(
      `No file has been uploaded to ${address}. Upload it first, with GetChatappUploadAuthorization.`,
    );
}

/** Twenty digits: the time and seven at random. */
function toGroupId(now: number): string {
  return `${now}${String(randomInt(10_000_000)).padStart(7, '0')}`;
}

/** What the messages of one call have in common beside their envelopes. */
function readShared(
  { settings, now }: AcceptanceDeps,
  accountId: AccountId,
  sender: Sender,
  given: GivenOptions,
): Omit<NewOutboundMessage, 'to' | 'groupId' | 'envelope'> {
  const seconds = whole('Ttl', given.ttlSeconds, ttlSeconds);
  const taskId = short('TaskId', given.taskId, maxTaskIdLength) ?? null;
  const { oncePerTask } = settings;
  return {
    channelId: sender.channelId,
    channelType: sender.type,
    senderId: sender.id,
    taskId,
    expiresAt: now() + (seconds === undefined ? settings.ttlMs : seconds * 1000),
    oncePerTask: typeof oncePerTask === 'boolean' ? oncePerTask : oncePerTask.includes(accountId),
  };
}

/** Members that free-form messages and templates share. */
function readCommon(surface: Surface, given: GivenOptions): Partial<Envelope> {
  const tag = short('Tag', given.tag, maxTagLength);
  const trackingData = short('TrackingData', given.trackingData, maxTrackingLength);
  const shared = {
    ...(tag === undefined ? {} : { tag }),
    ...(trackingData === undefined ? {} : { trackingData }),
  };
  // A bot writes within its one conversation with a user and has no labels.
  if (surface !== 'viber') return shared;
  if (given.label === undefined) throw missing('Label');
  const label = toLabel(given);
  if (label === undefined) throw invalid('Label', 'has to be promotion, transaction or session');
  return { ...shared, label };
}

function toLabel({ label }: GivenOptions): string | undefined {
  return labels[label?.toLowerCase() ?? ''];
}

function readContext({ type }: Sender, given: GivenMessage): Pick<Envelope, 'contextMessageId'> {
  const context = short('ContextMessageId', given.contextMessageId, maxContextLength);
  if (context === undefined) return {};
  if (type === 'viber')
    throw invalid('ContextMessageId', 'has to be left out: a message on Viber quotes none');
  return { contextMessageId: context };
}

function readFreeType(surface: Surface, { messageType }: GivenMessage): string {
  if (messageType === undefined)
    throw new Refusal('message_type_empty', 'MessageType is required where Type is message.');
  return readMessageType(surface, messageType);
}

function readFreeContent(surface: Surface, messageType: string, given: GivenMessage): unknown {
  const { content } = given;
  if (content === undefined) throw new Refusal('content_empty', 'Content is required where Type is message.');
  if (surface === 'viber') {
    const label = toLabel(given);
    if (label === 'transaction' && messageType !== 'text')
      throw contentError('A transaction on Viber may be plain text only.');
    if (label === 'session' && !sessionTypes.includes(messageType))
      throw contentError(`Within a session Viber takes ${sessionTypes.join(' and ')} only.`);
  }
  return readContent(surface, messageType, content);
}
