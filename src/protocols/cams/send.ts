// SendChatappMessage and SendChatappMassMessage (docs/protocols/cams.md).
import { acceptMass, acceptMessage } from '../../core/messages/acceptance.ts';
import type {
  GivenMass,
  GivenMessage,
  GivenOptions,
  GivenSender,
  GivenTemplateName,
  GivenValues,
} from '../../core/messages/given-message.ts';
import type { SenderType } from '../../domain/channel.ts';
import { fallbackRules } from '../../domain/fallback.ts';
import { isObject, member, textMember } from '../../domain/json.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Envelope } from '../../domain/message.ts';
import { invalid, missing } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import { findChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';
import type { Parameters } from './parameters.ts';
import type { SpanOrigin } from '../../telemetry/tracing.ts';

/** What these operations work with. */
export interface SendDeps extends OperationDeps<'addOutbound'> {
  /** The call itself, where traces are made. */
  readonly origin?: SpanOrigin;
}

const channelTypes = ['whatsapp', 'viber', 'messenger', 'instagram'] as const;

/** Takes one message, and answers its MessageId. Its statuses want room in the account's queues. */
export async function sendMessage(deps: SendDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  await deps.messageQuota.requireRoom(call.requester);
  const channelType = readChannelType(parameters);
  const frame = readFrame(parameters);
  const sender = await readSender(deps, call, channelType);
  const isFree = frame === 'message';
  const given: GivenMessage = {
    ...readOptions(parameters, sender),
    frame,
    recipient: { to: parameters.required('To'), recipientType: parameters.text('RecipientType') },
    contextMessageId: parameters.text('ContextMessageId'),
    messageType: isFree ? parameters.text('MessageType') : undefined,
    content: isFree ? parameters.text('Content') : undefined,
    values: isFree ? {} : readValues(parameters),
  };
  return { MessageId: await acceptMessage(deps, call.accountId, given) };
}

/** Takes one template for many recipients, and answers their GroupMessageId. */
export async function sendMassMessage(deps: SendDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  await deps.messageQuota.requireRoom(call.requester);
  const channelType = readChannelType(parameters);
  const sender = await readSender(deps, call, channelType);
  const given: GivenMass = {
    ...readOptions(parameters, sender),
    recipients: (parameters.list('SenderList') ?? []).map(readItem),
  };
  return { GroupMessageId: await acceptMass(deps, call.accountId, given) };
}

function readItem(item: unknown, index: number): GivenMass['recipients'][number] {
  const name = `SenderList.${index + 1}`;
  if (!isObject(item)) throw invalid(name, 'has to be a JSON object');
  const to = textMember(item, 'To');
  if (to === undefined) throw missing(`${name}.To`);
  return {
    to,
    recipientType: textMember(item, 'RecipientType'),
    values: {
      templateParams: toObject(item, 'TemplateParams'),
      payload: toList(item, 'Payload'),
      flowAction: toObject(item, 'FlowAction'),
      productAction: toObject(item, 'ProductAction'),
    },
  };
}

function toObject(item: JsonObject, name: string): JsonObject | undefined {
  const value = member(item, name);
  if (value === undefined || isObject(value)) return value;
  throw invalid(name, 'has to be a JSON object');
}

function toList(item: JsonObject, name: string): readonly unknown[] | undefined {
  const value = member(item, name);
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value as unknown[];
  throw invalid(name, 'has to be a JSON array');
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

async function readSender(deps: SendDeps, call: Call, channelType: SenderType): Promise<GivenSender> {
  const from = call.parameters.required('From');
  return { from, channelType, channel: await findChannel(deps, call) };
}

function readOptions(parameters: Parameters, sender: GivenSender): GivenOptions {
  return {
    sender,
    template: readTemplateName(parameters),
    fallBack: {
      id: parameters.text('FallBackId'),
      content: parameters.text('FallBackContent'),
      durationSeconds: parameters.figure('FallBackDuration'),
      rule: parameters.word('FallBackRule', fallbackRules),
    },
    label: parameters.text('Label'),
    tag: parameters.text('Tag'),
    trackingData: parameters.text('TrackingData'),
    taskId: parameters.text('TaskId'),
    ttlSeconds: parameters.figure('Ttl'),
  };
}

function readTemplateName(parameters: Parameters): GivenTemplateName {
  return {
    code: parameters.text('TemplateCode'),
    name: parameters.text('TemplateName'),
    language: parameters.text('Language'),
  };
}

function readValues(parameters: Parameters): GivenValues {
  return {
    templateParams: parameters.object('TemplateParams'),
    payload: parameters.list('Payload'),
    flowAction: parameters.object('FlowAction'),
    productAction: parameters.object('ProductAction'),
  };
}
