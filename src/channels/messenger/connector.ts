// Messenger Platform (docs/protocols/messenger-instagram.md). Webhook reference: developers.facebook.com/docs/messenger-platform/webhooks.
import { toEventIdentity } from '../../domain/identity.ts';
import type { AuditFacts } from '../../domain/receipt.ts';
import type { Connector } from '../channel.ts';
import { toRemark, toWord } from '../kit/gatherer.ts';
import type { Found } from '../kit/gatherer.ts';
import { createMessagingConnector } from '../messaging/connector.ts';
import type { MessagingDeps } from '../messaging/connector.ts';
import { toDigest } from '../messaging/parse.ts';
import type { Change, Dialect } from '../messaging/parse.ts';
import { toText } from '../kit/json.ts';
import { readTemplateState } from '../kit/template-states.ts';

/** Fields of a Page that are known and give no receipt: kept raw. */
const keptFields = new Set([
  'feed',
  'leadgen',
  'live_videos',
  'mention',
  'name',
  'picture',
  'ratings',
  'conversations',
]);

const dialect: Dialect = { object: 'page', sharesAreFiles: false, readChange };

export function createMessengerConnector(deps: MessagingDeps): Connector {
  return createMessagingConnector('messenger', dialect, deps);
}

function readChange(change: Change): Found | undefined {
  if (keptFields.has(change.field)) return toRemark('not_a_receipt', toWord(change.field));
  return change.field === 'messenger_template_status_update' ? readTemplateStatus(change) : undefined;
}

/** Meta documents no shape for it; the members are those that a third party's test has (docs/protocols/messenger-instagram.md). */
function readTemplateStatus({ index, value, entryId, at, told }: Change): Found {
  const name = toText(value.peek('status')) === undefined ? 'event' : 'status';
  const { word, status: auditStatus, isPlain } = readTemplateState(value.peek(name));
  if (auditStatus === null) return toRemark('unknown_event', toWord(`template ${word}`));
  if (isPlain) value.skip(name);
  const code = value.text('id') ?? value.text('message_template_id');
  const templateName = value.text('name') ?? value.text('message_template_name');
  const language = (value.text('language') ?? value.text('message_template_language'))?.replace('-', '_');
  value.skipSame('reason', 'NONE');
  const reason = auditStatus === 'fail' ? value.text('reason') : undefined;
  const facts: AuditFacts = {
    type: 'ChatAppAudit',
    event: 'template',
    wabaId: '',
    ...(code === undefined ? {} : { templateCode: code }),
    ...(templateName === undefined ? {} : { templateName }),
    ...(language === undefined ? {} : { language }),
    auditStatus,
    ...(reason === undefined ? {} : { reason }),
  };
  const identity = toEventIdentity('audit', 'template', String(told ?? ''), toDigest(value.source));
  const route = { by: 'sender', id: entryId } as const;
  return { events: [{ index, route, identity, occurredAt: at, facts }] };
}
