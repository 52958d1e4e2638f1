// Numbers of channels, and the services of Viber (docs/protocols/cams.md).
import { syncNumbers } from '../../core/channels/senders.ts';
import type { Channel, Sender, SenderVerification } from '../../domain/channel.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import { CamsError } from './errors.ts';
import { listChannels, requireChannel, requireNumber } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What these operations work with. */
export type NumberDeps = OperationDeps<
  'findSender' | 'listChannels' | 'listSenders' | 'putSender' | 'setSenderVerification'
>;

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

export async function queryPhoneNumbers(deps: NumberDeps, call: Call): Promise<Answer> {
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

/** Asks the channel for its numbers, and tells all. */
export async function syncPhoneNumbers(deps: NumberDeps, call: Call): Promise<Answer> {
  await syncNumbers(deps, call, await requireChannel(deps, call));
  return queryPhoneNumbers(deps, call);
}

export async function getPhoneNumberVerificationStatus(deps: NumberDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const sender = await readNumber(deps, call, channel);
  return { Data: { Id: sender.routeId, PhoneNumber: sender.id, ...toVerificationStatus(sender) } };
}

/** A number with what the channel last said of it. That empties no cache, so the number is read where it is kept. */
export async function readNumber(deps: NumberDeps, call: Call, channel: Channel): Promise<Sender> {
  const { id } = await requireNumber(deps, call, channel);
  const sender = await deps.store.findSender(channel.id, id);
  if (sender === undefined) throw CamsError.gateway('Unknown.ResourceOwnerId');
  return sender;
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
export async function listViberServices(deps: NumberDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const senders = await deps.store.listSenders(call.accountId, channel.id);
  return {
    Success: true,
    Data: senders
      .filter(({ type }) => type === 'viber')
      .map(({ id, name }) => ({ ServiceId: id, BusinessAccountName: name })),
  };
}
