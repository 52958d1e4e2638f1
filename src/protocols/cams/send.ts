// SendChatappMessage and SendChatappMassMessage (docs/protocols/cams.md).
import { randomInt } from 'node:crypto';
import type { Sender, SenderType } from '../../domain/channel.ts';
import { formatOutboundId } from '../../domain/ids.ts';
import { recipientTokens } from '../../domain/message.ts';
import type { Envelope, NewOutboundMessage } from '../../domain/message.ts';
import { cut } from '../../domain/cut.ts';
import { isBusinessScopedUserId } from '../../domain/user-id.ts';
import { findTemplateVariables } from '../../domain/template.ts';
import type { Template } from '../../domain/template.ts';
import { readFlowAction, readProductAction } from '../../core/messages/actions.ts';
import { readContent, readMessageType } from '../../core/messages/content.ts';
import type { Surface } from '../../core/messages/content.ts';
import { invalid, missing } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import { orRefusal, readFallback } from './fallback-wish.ts';
import { contentError } from '../../core/messages/limits.ts';
import { findChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';
import { isObject, textMember, member, toTexts } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Parameters } from './parameters.ts';

const maxRecipients = 1000;
const maxTtlSeconds = 1_209_600;
const minTtlSeconds = 30;
const maxTaskIdLength = 128;
const maxContextLength = 512;
/** As much as Viber keeps. */
const maxTrackingLength = 4000;
const maxTagLength = 256;
/** Members that a mass send writes once for each recipient are short. */
const maxNameLength = 512;

const channelTypes = ['whatsapp', 'viber', 'messenger', 'instagram'] as const;
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

/** Takes one message: checks it, stores it, and answers its MessageId. What becomes of it is told by receipts. */
export async function sendMessage(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const channelType = readChannelType(parameters);
  const frame = readFrame(parameters);
  const sender = await findSender(deps, call, channelType);
  const surface = await findSurface(deps, sender);
  const recipient = readRecipient(channelType, {
    to: parameters.required('To'),
    recipientType: parameters.text('RecipientType'),
  });
  const fallBack = readFallback(parameters, deps.settings);
  const common = readCommon(surface, parameters);
  const context = parameters.text('ContextMessageId', maxContextLength);
  if (context !== undefined && channelType === 'viber')
    throw invalid('ContextMessageId', 'has to be left out: a message on Viber quotes none');
  const messageType = frame === 'message' ? readFreeType(surface, parameters) : 'template';
  const members = await orRefusal(fallBack, parameters, async () =>
    frame === 'message'
      ? { content: readFreeContent(surface, messageType, parameters) }
      : toTemplateMembers(await findTemplate(deps, call, sender), {
          templateParams: parameters.object('TemplateParams'),
          payload: parameters.list('Payload'),
          flowAction: parameters.object('FlowAction'),
          productAction: parameters.object('ProductAction'),
        }),
  );
  const envelope: Envelope = {
    frame,
    messageType,
    ...members,
    ...recipient.envelope,
    ...common,
    ...(context === undefined ? {} : { contextMessageId: context }),
    ...(fallBack === undefined ? {} : { fallBack }),
  };
  await requireUploads(deps, call, envelope);
  const [added] = await deps.store.addOutbound(call.accountId, [
    toMessage(deps, call, sender, { to: recipient.to, groupId: null, envelope }),
  ]);
  if (added === undefined) throw new Error('One message was added.');
  return { MessageId: formatOutboundId(added.id) };
}

/** Takes one template for up to 1,000 recipients, all of them or none, in one commit. */
export async function sendMassMessage(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const channelType = readChannelType(parameters);
  if (parameters.text('TemplateCode') === undefined && parameters.text('TemplateName') === undefined)
    throw CamsError.business(
      'InvalidParameter.TemplateCodeNotEmpty',
      'TemplateCode or TemplateName is required.',
    );
  if (parameters.text('Language') === undefined)
    throw CamsError.business('InvalidParameter.LanguageNotEmpty', 'Language is required.');
  const sender = await findSender(deps, call, channelType);
  const list = parameters.list('SenderList');
  if (list === undefined || list.length === 0) throw missing('SenderList');
  if (list.length > maxRecipients)
    throw CamsError.gateway(
      'InvalidParameter',
      `SenderList holds ${list.length} recipients; one call takes at most ${maxRecipients}.`,
    );
  const fallBack = readFallback(parameters, deps.settings);
  // Where a fallback takes the place of what the template's rules refuse, each recipient's message is refused by itself.
  let template: Template | undefined;
  const refused = await orRefusal(fallBack, parameters, async () => {
    template = await findTemplate(deps, call, sender);
    return {};
  });
  const common = readCommon(await findSurface(deps, sender), parameters);
  const groupId = toGroupId(deps.now());
  const messages: NewOutboundMessage[] = [];
  for (const [index, item] of list.entries()) {
    const name = `SenderList.${index + 1}`;
    if (!isObject(item)) throw CamsError.gateway('InvalidParameter', `${name} has to be a JSON object.`);
    const to = textMember(item, 'To');
    if (to === undefined) throw missing(`${name}.To`);
    const recipient = readRecipient(
      channelType,
      { to, recipientType: textMember(item, 'RecipientType') },
      name,
    );
    const given = {
      templateParams: toObject(item, 'TemplateParams'),
      payload: toList(item, 'Payload'),
      flowAction: toObject(item, 'FlowAction'),
      productAction: toObject(item, 'ProductAction'),
    };
    const members =
      template === undefined
        ? refused
        : fallBack === undefined
          ? toTemplateMembers(template, given, `${name}.`)
          : await orRefusal(fallBack, parameters, toReader(template, given, `${name}.`));
    const envelope: Envelope = {
      frame: 'template',
      messageType: 'template',
      ...members,
      ...recipient.envelope,
      ...common,
      ...(fallBack === undefined ? {} : { fallBack }),
    };
    messages.push(toMessage(deps, call, sender, { to: recipient.to, groupId, envelope }));
  }
  await requireUploads(
    deps,
    call,
    messages.map(({ envelope }) => envelope.templateParams),
  );
  await deps.store.addOutbound(call.accountId, messages);
  return { GroupMessageId: groupId };
}

/** Throws ContentError for the address of a file that was not uploaded. */
async function requireUploads(
  { uploads }: OperationDeps,
  { accountId }: Call,
  value: unknown,
): Promise<void> {
  const address = await uploads.findMissing(accountId, value);
  if (address !== undefined)
    throw CamsError.business(
      'InvalidParameter.ContentError',
      `No file has been uploaded to ${address}. Upload it first, with GetChatappUploadAuthorization.`,
    );
}

function toObject(item: JsonObject, name: string): JsonObject | undefined {
  const value = member(item, name);
  if (value === undefined || isObject(value)) return value;
  throw CamsError.gateway('InvalidParameter', `${name} has to be a JSON object.`);
}

function toList(item: JsonObject, name: string): readonly unknown[] | undefined {
  const value = member(item, name);
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value as unknown[];
  throw CamsError.gateway('InvalidParameter', `${name} has to be a JSON array.`);
}

/** Twenty digits: the time and seven at random. */
function toGroupId(now: number): string {
  return `${now}${String(randomInt(10_000_000)).padStart(7, '0')}`;
}

function toMessage(
  { settings, now }: OperationDeps,
  { accountId, parameters }: Call,
  sender: Sender,
  rest: Pick<NewOutboundMessage, 'to' | 'groupId' | 'envelope'>,
): NewOutboundMessage {
  const ttl = parameters.number('Ttl', minTtlSeconds, maxTtlSeconds);
  const taskId = parameters.text('TaskId', maxTaskIdLength) ?? null;
  const { oncePerTask } = settings;
  return {
    ...rest,
    channelId: sender.channelId,
    channelType: sender.type,
    senderId: sender.id,
    taskId,
    expiresAt: now() + (ttl === undefined ? settings.ttlMs : ttl * 1000),
    oncePerTask: typeof oncePerTask === 'boolean' ? oncePerTask : oncePerTask.includes(accountId),
  };
}

function readChannelType(parameters: Parameters): SenderType {
  const given = parameters.required('ChannelType').toLowerCase();
  const found = channelTypes.find((type) => type === given);
  if (found !== undefined) return found;
  throw CamsError.business(
    'InvalidParameter.ChannelTypeNotSupport',
    `ChannelType ${given} is not one of ${channelTypes.join(', ')}.`,
  );
}

function readFrame(parameters: Parameters): Envelope['frame'] {
  const given = parameters.required('Type').toLowerCase();
  if (given === 'template' || given === 'message') return given;
  throw CamsError.business('InvalidParameter.MessageInvalid', 'Type has to be template or message.');
}

function readFreeType(surface: Surface, parameters: Parameters): string {
  const type = parameters.text('MessageType');
  if (type === undefined)
    throw CamsError.business(
      'InvalidParameter.MessageTypeNotEmpty',
      'MessageType is required where Type is message.',
    );
  return readMessageType(surface, type);
}

function readFreeContent(surface: Surface, messageType: string, parameters: Parameters): unknown {
  const content = parameters.text('Content');
  if (content === undefined)
    throw CamsError.business(
      'InvalidParameter.ContentNotEmpty',
      'Content is required where Type is message.',
    );
  if (surface === 'viber') {
    const label = labels[parameters.text('Label')?.toLowerCase() ?? ''];
    if (label === 'transaction' && messageType !== 'text')
      throw CamsError.business(
        'InvalidParameter.ContentError',
        'A transaction on Viber may be plain text only.',
      );
    if (label === 'session' && !sessionTypes.includes(messageType))
      throw contentError(`Within a session Viber takes ${sessionTypes.join(' and ')} only.`);
  }
  return readContent(surface, messageType, content);
}

/** Members that free-form messages and templates share. */
function readCommon(surface: Surface, parameters: Parameters): Partial<Envelope> {
  const text = (name: string, key: string, maxLength: number) => {
    const value = parameters.text(name, maxLength);
    return value === undefined ? {} : { [key]: value };
  };
  const shared = {
    ...text('Tag', 'tag', maxTagLength),
    ...text('TrackingData', 'trackingData', maxTrackingLength),
  };
  // A bot writes within its one conversation with a user and has no labels.
  if (surface !== 'viber') return shared;
  const given = parameters.text('Label');
  if (given === undefined) throw missing('Label');
  const label = labels[given.toLowerCase()];
  if (label === undefined)
    throw CamsError.gateway('InvalidParameter', 'Label has to be promotion, transaction or session.');
  return { ...shared, label };
}

/** Viber has two APIs with limits of their own under one channel type. */
async function findSurface({ directory }: OperationDeps, { type, channelId }: Sender): Promise<Surface> {
  if (type !== 'viber') return type;
  const channel = await directory.channel(channelId);
  return channel?.type === 'viber' && channel.credentials['authToken'] !== undefined ? 'viberBot' : type;
}

interface Recipient {
  readonly to: string;
  readonly envelope: Pick<Envelope, 'toGroup' | 'toToken'>;
}

/** What a token of Messenger looks like is not documented; no id of this service is longer. */
const tokenForm = /^[\x21-\x7e]{1,512}$/;

function readRecipient(
  channelType: SenderType,
  { to, recipientType }: { readonly to: string; readonly recipientType: string | undefined },
  name = '',
): Recipient {
  const type = recipientType?.toLowerCase() ?? 'individual';
  const member = name === '' ? 'To' : `${name}.To`;
  const toToken = recipientTokens.find((token) => token === type);
  if (toToken !== undefined) {
    if (channelType !== 'messenger')
      throw CamsError.gateway('InvalidParameter', `RecipientType ${toToken} is for Messenger.`);
    if (!tokenForm.test(to))
      throw invalid(member, `has to be a ${toToken}: 1 to 512 characters without spaces`);
    return { to, envelope: { toToken } };
  }
  if (type !== 'individual' && type !== 'group')
    throw CamsError.gateway(
      'InvalidParameter',
      `RecipientType has to be individual, group, or on Messenger ${recipientTokens.join(', ')}.`,
    );
  if (type === 'group') {
    if (channelType !== 'whatsapp')
      throw CamsError.gateway(
        'InvalidParameter',
        'RecipientType group is for WhatsApp; others have no groups.',
      );
    if (!/^[\x21-\x7e]{1,256}$/.test(to)) throw invalid(member, 'has to be the id of a group');
    return { to, envelope: { toGroup: true } };
  }
  const isPhone = channelType === 'whatsapp' || channelType === 'viber';
  const isUserId = channelType === 'whatsapp' && isBusinessScopedUserId(to);
  // A Viber bot's users have ids in Base64.
  const isBotUser = channelType === 'viber' && /^[A-Za-z0-9+/]{10,62}={1,2}$/.test(to);
  if (isPhone && !isUserId && !isBotUser && !/^\d{5,15}$/.test(to))
    throw CamsError.business(
      'InvalidParameter.ToOnlyNumeric',
      `${member} has to be 5 to 15 digits with the country code, without a plus.`,
    );
  if (!isPhone && !/^\d{5,30}$/.test(to))
    throw CamsError.business('InvalidParameter.ToOnlyNumeric', 'To has to be the digits of a user id.');
  return { to, envelope: {} };
}

/** The sender of the account that From names. Throws FromOnlyNumeric and FromNotExist. */
async function findSender(deps: OperationDeps, call: Call, channelType: SenderType): Promise<Sender> {
  const from = call.parameters.required('From');
  if (!/^\d{1,30}$/.test(from))
    throw CamsError.business('InvalidParameter.FromOnlyNumeric', 'From has to be digits, without a plus.');
  const channel = await findChannel(deps, call);
  const senders = await deps.directory.senders(call.accountId);
  const found = senders.filter(
    (sender) =>
      sender.id === from &&
      sender.type === channelType &&
      (channel === undefined || sender.channelId === channel.id),
  );
  // A number that is played by the sandbox stands behind the real one.
  const sender = found.find(({ channelId }) => !/^sandbox(-\d+)?$/.test(channelId)) ?? found[0];
  if (sender !== undefined) return sender;
  throw CamsError.business(
    'InvalidParameter.FromNotExist',
    `This account has no ${channelType} sender ${from}${channel === undefined ? '' : ` on ${channel.id}`}.`,
  );
}

/** The template that a call names, if it may be sent. Throws TemplateCodeNotEmpty, LanguageNotEmpty, TemplateNotExist, TemplateNotPass. */
async function findTemplate(deps: OperationDeps, call: Call, sender: Sender): Promise<Template> {
  const { parameters, accountId } = call;
  const code = parameters.text('TemplateCode', maxNameLength);
  const name = parameters.text('TemplateName', maxNameLength);
  if (code === undefined && name === undefined)
    throw CamsError.business(
      'InvalidParameter.TemplateCodeNotEmpty',
      'TemplateCode or TemplateName is required.',
    );
  const language = parameters.text('Language', maxNameLength);
  if (language === undefined)
    throw CamsError.business('InvalidParameter.LanguageNotEmpty', 'Language is required for a template.');
  const template = await deps.directory.template(accountId, sender.channelId, code ?? name ?? '', language);
  if (template === undefined || (name !== undefined && template.name !== name))
    throw CamsError.business(
      'InvalidParameter.TemplateNotExist',
      `${sender.channelId} has no template ${code ?? name ?? ''} in ${language}.`,
    );
  if (template.status !== 'pass')
    throw CamsError.business(
      'InvalidParameter.TemplateNotPass',
      `The template's review stands at ${template.status}; only one that has passed may be sent.`,
    );
  if (!template.allowSend)
    throw CamsError.business(
      'InvalidParameter.TemplateNotPass',
      'Sending this template has been switched off.',
    );
  return template;
}

interface GivenMembers {
  readonly templateParams: JsonObject | undefined;
  readonly payload: readonly unknown[] | undefined;
  readonly flowAction: JsonObject | undefined;
  readonly productAction: JsonObject | undefined;
}

function toReader(template: Template, given: GivenMembers, prefix: string): () => Partial<Envelope> {
  return () => toTemplateMembers(template, given, prefix);
}

/** What a template message carries, with every variable given. Throws TemplateParamsError. */
function toTemplateMembers(template: Template, given: GivenMembers, prefix = ''): Partial<Envelope> {
  const templateParams = toTexts(`${prefix}TemplateParams`, given.templateParams);
  const absent = findTemplateVariables(template.components).filter(
    (name) => (templateParams[name] ?? '') === '',
  );
  if (absent.length > 0)
    throw CamsError.business(
      'InvalidParameter.TemplateParamsError',
      `${prefix}TemplateParams gives no value for ${absent.join(', ')}.`,
    );
  if (template.type === 'WHATSAPP') checkValues(template, templateParams, prefix);
  const payload = given.payload?.map((value) => {
    if (typeof value === 'string' && value.length <= 1024) return value;
    throw CamsError.gateway(
      'InvalidParameter',
      `${prefix}Payload has to hold texts of up to 1,024 characters.`,
    );
  });
  const flowAction = readFlowAction(`${prefix}FlowAction`, given.flowAction);
  const productAction = readProductAction(`${prefix}ProductAction`, given.productAction);
  const { code: templateCode, name: templateName, language } = template;
  return {
    templateCode,
    templateName,
    language,
    templateParams,
    ...(payload === undefined ? {} : { payload }),
    ...(flowAction === undefined ? {} : { flowAction }),
    ...(productAction === undefined ? {} : { productAction }),
  };
}

/**
 * Throws TemplateParamsError for a value that Meta refuses: "Param text cannot have new-line/tab characters or more than 4
 * consecutive spaces", and one that is blank.
 */
function checkValues(
  { components, category }: Template,
  values: Readonly<Record<string, string>>,
  prefix: string,
): void {
  const names = findTemplateVariables(components);
  // The code of such a template is a value without a variable.
  const used = category === 'AUTHENTICATION' ? Object.keys(values) : names;
  for (const name of used) {
    const value = values[name] ?? '';
    const fault =
      value.trim() === ''
        ? 'is blank'
        : /[\n\r\t]/.test(value)
          ? 'holds a line break or a tab'
          : / {5}/.test(value)
            ? 'holds more than four spaces on end'
            : undefined;
    if (fault !== undefined)
      throw CamsError.business(
        'InvalidParameter.TemplateParamsError',
        `${prefix}TemplateParams: ${cut(name, 64)} ${fault}, which WhatsApp refuses in a template.`,
      );
  }
}
