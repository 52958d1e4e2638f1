// Messenger Platform (channels 3). Webhook reference: developers.facebook.com/docs/messenger-platform/webhooks.
import type { AuditFacts, AuditStatus } from '../domain/receipt.ts';
import type { Client } from '../http/client.ts';
import type { Connector } from './channel.ts';
import { fetchFile } from './files.ts';
import { createGraph } from './graph.ts';
import type { GraphDeps } from './graph.ts';
import { createAccounts } from './messaging-accounts.ts';
import { createMessagingConnecting } from './messaging-connect.ts';
import { createMessagingSending } from './messaging-send.ts';
import { toWord } from './gatherer.ts';
import { parseMessaging, toDigest, toRemark } from './messaging.ts';
import type { Change, Dialect, Finding } from './messaging.ts';
import { answerChallenge, isSigned, toText } from './meta.ts';

export interface MessengerDeps extends GraphDeps {
  readonly client: Pick<Client, 'get' | 'request'>;
  readonly now: () => number;
  /** Base of the Graph API of Instagram's own login, without its version. */
  readonly instagramUrl: string;
}

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

const templateStatusOf: Readonly<Record<string, AuditStatus>> = {
  APPROVED: 'pass',
  REJECTED: 'fail',
  PENDING: 'auditing',
  PAUSED: 'paused',
  DISABLED: 'disabled',
};

const dialect: Dialect = { object: 'page', sharesAreFiles: false, readChange };

export function createMessengerConnector(deps: MessengerDeps): Connector {
  const graph = createGraph(deps);
  const accounts = createAccounts({ ...deps, graph });
  return {
    challenge: answerChallenge,
    verify: isSigned,
    parse: (body) => parseMessaging(dialect, body, deps.now()),
    ...createMessagingSending('messenger', { accounts, now: deps.now }),
    ...createMessagingConnecting('messenger', { accounts, graph, now: deps.now }),
    fetchMedia: (_channel, url) => fetchFile(deps.client, url),
  };
}

function readChange(change: Change): Finding | undefined {
  if (keptFields.has(change.field)) return toRemark('not_a_receipt', toWord(change.field));
  return change.field === 'messenger_template_status_update' ? readTemplateStatus(change) : undefined;
}

/** Meta documents no shape for it; the members are those that a third party's test has (channels 3.5). */
function readTemplateStatus({ index, value, entryId, at }: Change): Finding {
  const word = (toText(value['status']) ?? toText(value['event']) ?? '').toUpperCase();
  const auditStatus = Object.hasOwn(templateStatusOf, word) ? templateStatusOf[word] : undefined;
  if (auditStatus === undefined) return toRemark('unknown_event', toWord(`template ${word}`));
  const code = toText(value['id']) ?? toText(value['message_template_id']);
  const name = toText(value['name']) ?? toText(value['message_template_name']);
  const language = (toText(value['language']) ?? toText(value['message_template_language']))?.replace(
    '-',
    '_',
  );
  const reason = auditStatus === 'fail' ? toText(value['reason']) : undefined;
  const facts: AuditFacts = {
    type: 'ChatAppAudit',
    event: 'template',
    wabaId: '',
    ...(code === undefined ? {} : { templateCode: code }),
    ...(name === undefined ? {} : { templateName: name }),
    ...(language === undefined ? {} : { language }),
    auditStatus,
    ...(reason === undefined ? {} : { reason }),
  };
  const identity = ['audit', 'template', String(at), toDigest(value)];
  const route = { by: 'sender', id: entryId } as const;
  return { kind: 'events', events: [{ index, route, identity, occurredAt: at, facts }] };
}
