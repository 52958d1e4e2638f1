// GetWhatsappHealthStatus: whether a template, a number or a WABA can send (docs/protocols/cams.md).
import { isOpen } from '../../domain/channel.ts';
import { CamsError } from './errors.ts';
import { readNumber } from './numbers.ts';
import { requireChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

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
