// Channel Webhook Settings: where receipts go; what is left out keeps its value (docs/protocols/cams.md).
import type { Unresolved } from '../../core/channels/callback-urls.ts';
import { setChannelWebhook, setSenderWebhook } from '../../core/channels/webhook-settings.ts';
import type { AccountId } from '../../domain/account.ts';
import { patientCams } from '../../domain/delivery.ts';
import type { NewDestination } from '../../domain/delivery.ts';
import { noticed } from '../../domain/findings.ts';
import { invalid } from '../../domain/refusal.ts';
import { readNumber } from './numbers.ts';
import type { NumberDeps } from './numbers.ts';
import { requireChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What these operations work with. */
export type WebhookDeps = NumberDeps &
  OperationDeps<'listDestinations' | 'setChannelWebhook' | 'setSenderWebhook'>;

/** Where the receipts of one number go. */
export async function updatePhoneWebhook(deps: WebhookDeps, call: Call): Promise<Answer> {
  const sender = await readNumber(deps, call, await requireChannel(deps, call));
  const statusUrl = call.parameters.text('StatusCallbackUrl');
  const inboundUrl = call.parameters.text('UpCallbackUrl');
  const change = {
    ...readFlags(call),
    ...(statusUrl === undefined ? {} : { statusUrl }),
    ...(inboundUrl === undefined ? {} : { inboundUrl }),
  };
  const { unresolved } = await setSenderWebhook(deps, call, sender, change, toPreset(deps));
  raiseUnresolved(deps, call.accountId, unresolved);
  return {};
}

/** Where template reviews and account events of a channel go. */
export async function updateAccountWebhook(deps: WebhookDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const auditUrl = call.parameters.text('StatusCallbackUrl');
  const change = { ...readFlags(call), ...(auditUrl === undefined ? {} : { auditUrl }) };
  const { unresolved } = await setChannelWebhook(deps, call, channel, change, toPreset(deps));
  raiseUnresolved(deps, call.accountId, unresolved);
  return {};
}

/** How a callback URL that is new is pushed to: judged as the cloud judges it, by either schedule. */
function toPreset({ settings }: WebhookDeps): NewDestination {
  return settings.callbackTries === 'cloud' ? 'cams' : patientCams;
}

function readFlags(call: Call): { readonly http?: boolean; readonly queue?: boolean } {
  const http = readFlag(call, 'HttpFlag');
  const queue = readFlag(call, 'QueueFlag');
  return { ...(http === undefined ? {} : { http }), ...(queue === undefined ? {} : { queue }) };
}

function readFlag({ parameters }: Call, name: string): boolean | undefined {
  const value = parameters.text(name)?.toUpperCase();
  if (value === undefined) return undefined;
  if (value === 'Y' || value === 'N') return value === 'Y';
  throw invalid(name, 'has to be Y or N');
}

/** The operations' answers have no place for what keeps receipts from being taken for now. */
function raiseUnresolved(
  { raiseNotice }: WebhookDeps,
  accountId: AccountId,
  unresolved: readonly Unresolved[],
): void {
  for (const { host } of unresolved)
    raiseNotice({ accountId, subject: `callback/${host}`, ...noticed('callback_unresolved', { host }) });
}
