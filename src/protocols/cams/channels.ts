// Channels, numbers, webhook settings and queue tokens (docs/protocols/cams.md).
import { patientCams } from '../../domain/delivery.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { readCallbackUrl } from '../../core/channels/callback-urls.ts';
import { randomBytes } from 'node:crypto';
import { channelTypes, isOpen } from '../../domain/channel.ts';
import type { Channel, Sender, SenderVerification } from '../../domain/channel.ts';
import { receiptTypes } from '../../domain/receipt.ts';
import { noticed } from '../../domain/findings.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import { invalid } from '../../domain/refusal.ts';
import { CamsError } from './errors.ts';
import {
  findChannel,
  listChannels,
  readPage,
  requireChannel,
  requireInstance,
  requireNumber,
} from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

const hour = 3_600_000;
/** How much longer a queue token is good than its text says: more than any two time zones are apart. */
const tokenGraceMs = 24 * hour;
/** What the vendor says that a number may be; here all are connected. */
const phoneStatuses = [
  'PENDING',
  'DELETED',
  'MIGRATED',
  'BANNED',
  'RESTRICTED',
  'RATE_LIMITED',
  'FLAGGED',
  'CONNECTED',
  'DISCONNECTED',
  'UNKNOWN',
  'UNVERIFIED',
] as const;

/** How a callback URL that is new is pushed to: judged as the cloud judges it, by either schedule. */
function newDestination({ settings }: OperationDeps): NewDestination {
  return settings.callbackTries === 'cloud' ? 'cams' : patientCams;
}

/** Where the receipts of one number go. What is left out keeps its value. */
export async function updatePhoneWebhook(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const sender = await readNumber(deps, call, channel);
  if (!isOpen(sender)) throw CamsError.business('InvalidParameter.PhoneNumberError', toUnverified(sender));
  const http = readFlag(call, 'HttpFlag');
  const queue = readFlag(call, 'QueueFlag');
  const statusUrl = await readUrl(deps, call, 'StatusCallbackUrl');
  const inboundUrl = await readUrl(deps, call, 'UpCallbackUrl');
  const outcome = await deps.store.setSenderWebhook(
    call.accountId,
    channel.id,
    sender.id,
    {
      ...(http === undefined ? {} : { http }),
      ...(queue === undefined ? {} : { queue }),
      ...(statusUrl === undefined ? {} : { statusUrl }),
      ...(inboundUrl === undefined ? {} : { inboundUrl }),
    },
    newDestination(deps),
    call.actor,
  );
  if (outcome === 'missing') throw CamsError.gateway('Unknown.ResourceOwnerId');
  if (outcome === 'no_url')
    throw CamsError.gateway('MissingParameter', 'HttpFlag Y needs StatusCallbackUrl or UpCallbackUrl.');
  return {};
}

/** Where template reviews and account events of a channel go. */
export async function updateAccountWebhook(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const http = readFlag(call, 'HttpFlag');
  const queue = readFlag(call, 'QueueFlag');
  const auditUrl = await readUrl(deps, call, 'StatusCallbackUrl');
  const outcome = await deps.store.setChannelWebhook(
    call.accountId,
    channel.id,
    {
      ...(http === undefined ? {} : { http }),
      ...(queue === undefined ? {} : { queue }),
      ...(auditUrl === undefined ? {} : { auditUrl }),
    },
    newDestination(deps),
    call.actor,
  );
  if (outcome === 'missing') throw CamsError.gateway('Unknown.ResourceOwnerId');
  if (outcome === 'no_url')
    throw CamsError.gateway('MissingParameter', 'HttpFlag Y needs StatusCallbackUrl.');
  return {};
}

export async function queryPhoneNumbers(deps: OperationDeps, call: Call): Promise<Answer> {
  const status = call.parameters.word('Status', phoneStatuses);
  const channels = await listChannels(deps, call);
  const senders = (
    await Promise.all(channels.map(({ id }) => deps.store.listSenders(call.accountId, id)))
  ).flat();
  const numbers = senders
    .filter(({ type }) => type === 'whatsapp' || type === 'viber')
    .map((sender) => toPhoneNumber(call, sender));
  return {
    Success: true,
    PhoneNumbers: numbers.filter((number) => status === undefined || number.Status === status),
  };
}

/**
 * Asks the channel for its numbers, registers those that are new, and keeps what it says of the others' verification. Where it
 * cannot be asked, what is known is told.
 */
export async function syncPhoneNumbers(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const asked = await deps.findSenders(channel);
  const known = await deps.store.listSenders(call.accountId, channel.id);
  const told = (asked === undefined || 'fault' in asked ? [] : asked).filter(
    ({ type }) => type === 'whatsapp',
  );
  for (const number of told) {
    const { id, verification } = number;
    const sender = known.find((one) => one.id === id);
    if (sender === undefined) await deps.store.putSender(call.accountId, channel.id, number, call.actor);
    else if (verification !== undefined && verification !== sender.verification)
      await deps.store.setSenderVerification(call.accountId, channel.id, id, verification);
  }
  return queryPhoneNumbers(deps, call);
}

export async function getPhoneNumberVerificationStatus(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const sender = await readNumber(deps, call, channel);
  return { Data: { Id: sender.routeId, PhoneNumber: sender.id, ...toVerificationStatus(sender) } };
}

/** A number with what the channel last said of it. That empties no cache, so the number is read where it is kept. */
async function readNumber(deps: OperationDeps, call: Call, channel: Channel): Promise<Sender> {
  const { id } = await requireNumber(deps, call, channel);
  const sender = await deps.store.findSender(channel.id, id);
  if (sender === undefined) throw CamsError.gateway('Unknown.ResourceOwnerId');
  return sender;
}

function toUnverified({ id }: Sender): string {
  return `WhatsApp has not verified ${id}. Verify it there, then call ChatappSyncPhoneNumber; its settings open once it is verified.`;
}

/** The vendor's words; what a channel has never been asked, or does not verify, has none. */
const verificationWords: Readonly<Record<SenderVerification, string | null>> = {
  verified: 'VERIFIED',
  pending: 'MORE_INFORMATION_REQUESTED',
  failed: 'REVOKED',
  unknown: null,
};

function toVerificationStatus({ verification }: Sender): { readonly CodeVerificationStatus?: string } {
  const word = verificationWords[verification];
  return word === null ? {} : { CodeVerificationStatus: word };
}

function toPhoneNumber({ accountId }: Call, sender: Sender) {
  const { id, name, webhook } = sender;
  return {
    PhoneNumber: id,
    VerifiedName: name,
    Status: 'CONNECTED',
    QualityRating: 'UNKNOWN',
    ...toVerificationStatus(sender),
    NameStatus: 'Approval',
    NewNameStatus: 'Approval',
    IsOfficial: 'N',
    StatusCallbackUrl: webhook.statusUrl ?? '',
    UpCallbackUrl: webhook.inboundUrl ?? '',
    StatusQueue: webhook.queue ? toReceiptQueueName(accountId, 'ChatAppStatus') : '',
    UpQueue: webhook.queue ? toReceiptQueueName(accountId, 'ChatAppInbound') : '',
  };
}

/** The services of Viber that a channel sends from. */
export async function listViberServices(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const senders = await deps.store.listSenders(call.accountId, channel.id);
  return {
    Success: true,
    Data: senders
      .filter(({ type }) => type === 'viber')
      .map(({ id, name }) => ({ ServiceId: id, BusinessAccountName: name })),
  };
}

export async function listInstances(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const page = readPage(call, 10, 100);
  const type = parameters.text('ChannelType')?.toLowerCase();
  if (type !== undefined && !channelTypes.some((known) => known === type)) throw unsupported(type);
  const id = parameters.text('InstanceId');
  const name = parameters.text('InstanceName') ?? parameters.text('FilterStr');
  const matching = (await deps.store.listChannels(call.accountId)).filter(
    (channel) =>
      (type === undefined || channel.type === type) &&
      (id === undefined || channel.id === id) &&
      (name === undefined || channel.name.includes(name) || channel.id.includes(name)),
  );
  const start = (page.index - 1) * page.size;
  return {
    Success: true,
    TotalCount: matching.length,
    Data: matching.slice(start, start + page.size).map((channel) => ({
      ...toInstance(channel),
      CustSpaceId: channel.id,
      State: 'published',
    })),
  };
}

export async function queryInstance(deps: OperationDeps, call: Call): Promise<Answer> {
  return { Success: true, Data: toInstance(await requireInstance(deps, call)) };
}

/** Renames a channel. */
export async function updateInstance(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireInstance(deps, call);
  const name = readName(call);
  if (!(await deps.store.changeChannel(call.accountId, channel.id, { name }, call.actor)))
    throw CamsError.gateway('Unknown.ResourceOwnerId');
  return { Success: true, Data: toInstance({ ...channel, name }) };
}

/** Takes a channel and its senders away; its receipts stay. */
export async function deleteInstance(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireInstance(deps, call);
  if (channel.type === 'sandbox')
    throw CamsError.business(
      'InvalidParameter.ChannelTypeNotSupport',
      'The sandbox of an account cannot be deleted.',
    );
  await deps.store.deleteChannel(call.accountId, channel.id, call.actor);
  return { Success: true };
}

/** Makes a WhatsApp channel for a WABA; its credentials are given in the console or over the admin API. */
export async function bindWaba({ store }: OperationDeps, call: Call): Promise<Answer> {
  const wabaId = call.parameters.required('WabaId');
  if (!/^\d{5,30}$/.test(wabaId)) throw invalid('WabaId', 'has to be digits');
  const bound = (await store.listChannels(call.accountId)).find((channel) => channel.wabaId === wabaId);
  const id = bound?.id ?? makeChannelId();
  if (bound === undefined)
    await store.putChannel(
      call.accountId,
      { id, type: 'whatsapp', name: wabaId, wabaId, credentials: {} },
      call.actor,
    );
  return { Success: true, Data: { CustSpaceId: id, WabaId: wabaId } };
}

/** Makes a channel without credentials; those are given in the console or over the admin API. */
export async function createInstance({ store, now }: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const given = parameters.required('ChannelType').toLowerCase();
  const type = channelTypes.find((known) => known === given && known !== 'sandbox');
  if (type === undefined) throw unsupported(given);
  const name = readName(call);
  const id = makeChannelId();
  await store.putChannel(call.accountId, { id, type, name, wabaId: null, credentials: {} }, call.actor);
  // The SDK takes a number for InstanceName and refuses any other; it is left out.
  return {
    Success: true,
    Data: { ChannelType: type.toUpperCase(), InstanceId: id, SubmitTime: toText(now()) },
  };
}

function unsupported(channelType: string): CamsError {
  return CamsError.business(
    'InvalidParameter.ChannelTypeNotSupport',
    `ChannelType ${channelType} is not supported.`,
  );
}

function readName({ parameters }: Call): string {
  const name = parameters.required('InstanceName');
  if (name.length > 100) throw invalid('InstanceName', 'is longer than 100 characters');
  return name;
}

function makeChannelId(): string {
  return `cams-${randomBytes(8).toString('hex')}`;
}

function toInstance(channel: Channel) {
  return {
    InstanceId: channel.id,
    InstanceName: channel.name,
    InstanceDescription: '',
    ChannelType: channel.type.toUpperCase(),
    SubmitTime: toText(channel.createdAt),
  };
}

export async function queryBindWaba(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel =
    (await findChannel(deps, call)) ??
    (await deps.store.listChannels(call.accountId)).find(({ wabaId }) => wabaId !== null);
  if (channel?.wabaId === null || channel === undefined)
    throw CamsError.business('InvalidParameter.WabaNotExist', 'No WABA is bound to this channel.');
  return {
    Success: true,
    Data: {
      Id: channel.wabaId,
      Name: channel.name,
      AccountReviewStatus: 'APPROVED',
      MarketingMessageLiteStatus: 'N',
      IsOnBizApp: 'N',
    },
  };
}

/**
 * A key for one queue of receipts, good for an hour by what it says. The times are of GMT+8 and do not say so: a puller that takes them
 * for its own clock's asks for the next key up to 20 hours late, so this one stays good for a day beyond.
 */
export async function queryTokenForMnsQueue(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const given = parameters.required('MessageType');
  const type = receiptTypes.find((known) => known === given);
  if (type === undefined) throw invalid('MessageType', `has to be one of ${receiptTypes.join(', ')}`);
  const own = toReceiptQueueName(call.accountId, type);
  const queueName = parameters.text('QueueName') ?? own;
  if (queueName !== own) throw invalid('QueueName', `has to be ${own}`);
  // Nothing else is written: without this a request replayed after a crash could be given a secret.
  await deps.store.keepNonces();
  const saidEnd = deps.now() + hour;
  const key = deps.temporaryKeys.issue({
    accountId: call.accountId,
    issuerId: call.actor.id,
    queueName,
    expiresAt: saidEnd + tokenGraceMs,
  });
  return {
    MessageTokenDTO: {
      AccessKeyId: key.id,
      AccessKeySecret: key.secret,
      SecurityToken: key.securityToken,
      CreateTime: toText(key.createdAt),
      ExpireTime: toText(saidEnd),
    },
  };
}

export async function getOpenStatus(): Promise<Answer> {
  return { OpenStatus: true };
}

/** From what is known here: a template that has passed can be sent, a channel with a token can send, from a number that is verified. */
export async function getHealthStatus(deps: OperationDeps, call: Call): Promise<Answer> {
  const { parameters, accountId } = call;
  const channel = await requireChannel(deps, call);
  const nodeType = parameters.word('NodeType', ['template', 'phone', 'waba']);
  if (nodeType === undefined) throw CamsError.gateway('MissingParameter', 'NodeType is required.');
  const canSend = channel.type === 'sandbox' || (channel.credentials['accessToken'] ?? '') !== '';
  const channelFaults = canSend
    ? []
    : [
        {
          ErrorCode: 'NoAccessToken',
          ErrorDescription: 'The channel has no access token.',
          PossibleSolution: 'Give one in the channel settings.',
        },
      ];
  if (nodeType === 'template') {
    const code = parameters.required('TemplateCode');
    const language = parameters.required('Language');
    const template = await deps.directory.template(accountId, channel.id, code, language);
    if (template === undefined)
      throw CamsError.business('DetailError.TemplateNotExist', 'There is no such template in that language.');
    const faults =
      template.status === 'pass'
        ? channelFaults
        : [
            {
              ErrorCode: 'TemplateNotPass',
              ErrorDescription: `Its review stands at ${template.status}.`,
              PossibleSolution: 'Wait for the review, or mend the template.',
            },
          ];
    return toHealth({ EntityType: 'TEMPLATE', TemplateCode: template.code, Language: language }, faults);
  }
  if (nodeType === 'phone') {
    const sender = await readNumber(deps, call, channel);
    const faults = isOpen(sender)
      ? channelFaults
      : [
          ...channelFaults,
          {
            ErrorCode: 'PhoneNumberNotVerified',
            ErrorDescription: `WhatsApp tells the number as ${sender.verification === 'failed' ? 'not verified in time' : 'not verified yet'}.`,
            PossibleSolution: 'Verify the number at WhatsApp, then call ChatappSyncPhoneNumber.',
          },
        ];
    return toHealth({ EntityType: 'PHONE_NUMBER', PhoneNumber: sender.id }, faults);
  }
  return toHealth({ EntityType: 'WABA', WabaId: channel.wabaId ?? '' }, channelFaults);
}

function toHealth(entity: object, faults: readonly object[]): Answer {
  const CanSendMessage = faults.length === 0 ? 'AVAILABLE' : 'BLOCKED';
  return {
    Success: true,
    Data: { CanSendMessage, Entities: [{ ...entity, CanSendMessage, Errors: faults }] },
  };
}

function readFlag({ parameters }: Call, name: string): boolean | undefined {
  const value = parameters.text(name)?.toUpperCase();
  if (value === undefined) return undefined;
  if (value === 'Y' || value === 'N') return value === 'Y';
  throw invalid(name, 'has to be Y or N');
}

async function readUrl(
  deps: OperationDeps,
  { accountId, parameters }: Call,
  name: string,
): Promise<string | undefined> {
  const given = parameters.text(name);
  if (given === undefined) return undefined;
  const read = await readCallbackUrl(deps, accountId, given);
  if ('fault' in read) throw CamsError.gateway('InvalidParameter', `${name}: ${read.fault}`);
  // The operation's answer has no place for it.
  const host = await deps.findHostWithoutAddress(read.url);
  if (host !== null)
    deps.raiseNotice({ accountId, subject: `callback/${host}`, ...noticed('callback_unresolved', { host }) });
  return read.url;
}

/** `yyyy-MM-dd HH:mm:ss` of GMT+8. */
function toText(time: number): string {
  return new Date(time + 8 * hour).toISOString().slice(0, 19).replace('T', ' ');
}
