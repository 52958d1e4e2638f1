// GetWhatsappHealthStatus: whether a template, a number or a WABA can send (docs/protocols/cams.md).
import { noTemplate } from '../../core/templates/submission.ts';
import { findObstacles } from '../../core/channels/enquiries.ts';
import { isOpen } from '../../domain/channel.ts';
import type { Channel } from '../../domain/channel.ts';
import { CamsError } from './errors.ts';
import { readNumber } from './numbers.ts';
import type { NumberDeps } from './numbers.ts';
import { requireChannel } from './operation.ts';
import type { Answer, Call } from './operation.ts';

/** Why something cannot send, and what to do. */
interface Fault {
  readonly ErrorCode: string;
  readonly ErrorDescription: string;
  readonly PossibleSolution: string;
}

/**
 * From what is known here: a template that has passed can be sent, a channel that lacks nothing it sends by can send, from a number that is
 * verified.
 */
export async function getHealthStatus(deps: NumberDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  const nodeType = call.parameters.word('NodeType', ['template', 'phone', 'waba']);
  if (nodeType === undefined) throw CamsError.gateway('MissingParameter', 'NodeType is required.');
  if (nodeType === 'template') return tellOfTemplate(deps, call, channel);
  if (nodeType === 'phone') return tellOfNumber(deps, call, channel);
  return toHealth({ EntityType: 'WABA', WabaId: channel.wabaId ?? '' }, await findFaults(deps, channel));
}

async function tellOfTemplate(deps: NumberDeps, call: Call, channel: Channel): Promise<Answer> {
  const code = call.parameters.required('TemplateCode');
  const language = call.parameters.required('Language');
  const template = await deps.directory.template(call.accountId, channel.id, code, language);
  if (template === undefined) throw noTemplate();
  const entity = { EntityType: 'TEMPLATE', TemplateCode: template.code, Language: language };
  if (template.status === 'pass') return toHealth(entity, await findFaults(deps, channel));
  return toHealth(entity, [
    {
      ErrorCode: 'TemplateNotPass',
      ErrorDescription: `Its review stands at ${template.status}.`,
      PossibleSolution: 'Wait for the review, or mend the template.',
    },
  ]);
}

async function tellOfNumber(deps: NumberDeps, call: Call, channel: Channel): Promise<Answer> {
  const sender = await readNumber(deps, call, channel);
  const entity = { EntityType: 'PHONE_NUMBER', PhoneNumber: sender.id };
  if (isOpen(sender)) return toHealth(entity, await findFaults(deps, channel));
  const stand = sender.verification === 'failed' ? 'not verified in time' : 'not verified yet';
  return toHealth(entity, [
    ...(await findFaults(deps, channel)),
    {
      ErrorCode: 'PhoneNumberNotVerified',
      ErrorDescription: `WhatsApp tells the number as ${stand}.`,
      PossibleSolution: 'Verify the number at WhatsApp, then call ChatappSyncPhoneNumber.',
    },
  ]);
}

/** What keeps anything of the channel from being sent, as the core's check of its settings finds it. */
async function findFaults({ store, now }: NumberDeps, channel: Channel): Promise<readonly Fault[]> {
  const senders = await store.listSenders(channel.accountId, channel.id);
  return findObstacles(channel, senders.length, now()).map(({ name }) =>
    name === 'senders' ? noNumber : noAccessToken,
  );
}

const noAccessToken: Fault = {
  ErrorCode: 'NoAccessToken',
  ErrorDescription: 'The channel has no access token.',
  PossibleSolution: 'Give one in the channel settings.',
};

const noNumber: Fault = {
  ErrorCode: 'NoPhoneNumber',
  ErrorDescription: 'The channel has no number.',
  PossibleSolution: 'Add one in the channel settings, or call ChatappSyncPhoneNumber.',
};

function toHealth(entity: object, faults: readonly Fault[]): Answer {
  const CanSendMessage = faults.length === 0 ? 'AVAILABLE' : 'BLOCKED';
  return {
    Success: true,
    Data: { CanSendMessage, Entities: [{ ...entity, CanSendMessage, Errors: faults }] },
  };
}
