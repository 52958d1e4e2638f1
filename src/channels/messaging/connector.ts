// The connector of Messenger and of Instagram: one code for both, told apart by their type and by how their events are read.
import type { Client } from '../../http/client.ts';
import type { Connector } from '../channel.ts';
import { fetchFile } from '../kit/files.ts';
import { createGraph } from '../kit/graph.ts';
import type { GraphDeps } from '../kit/graph.ts';
import { Accounts } from './accounts.ts';
import { check, findSenders, renewToken, subscribe } from './connect.ts';
import { MessagingSending } from './send.ts';
import { listPageTemplates } from './templates.ts';
import { parseMessaging } from './parse.ts';
import type { Dialect } from './parse.ts';
import { answerChallenge, hasSignature, isSigned } from '../kit/app-secret.ts';
import type { Time } from '../../runtime/clock.ts';

export interface MessagingDeps extends GraphDeps, Time {
  readonly client: Pick<Client, 'get' | 'request'>;
  /** Base of the Graph API of Instagram's own login, without its version. */
  readonly instagramUrl: string;
}

export function createMessagingConnector(
  type: 'messenger' | 'instagram',
  dialect: Dialect,
  deps: MessagingDeps,
): Connector {
  const { client, now, monotonic } = deps;
  const graph = createGraph(deps);
  const accounts = new Accounts({ ...deps, graph });
  const sending = new MessagingSending(type, { accounts, now, monotonic });
  const connecting = { type, accounts, graph, client, now, monotonic };
  return {
    challenge: answerChallenge,
    mayBeFrom: hasSignature,
    verify: isSigned,
    parse: (body, { options }) => parseMessaging(dialect, body, now(), options),
    send: (channel, sender, outgoing) => sending.send(channel, sender, outgoing),
    show: (channel, sender, sign) => sending.show(channel, sender, sign),
    check: (channel, senders, webhookUrl) => check(connecting, channel, senders, webhookUrl),
    findSenders: (channel) => findSenders(connecting, channel),
    renewToken: (channel) => renewToken(connecting, channel),
    subscribe: (channel, senders) => subscribe(connecting, channel, senders),
    ...(type === 'messenger'
      ? { listTemplates: (channel, senders) => listPageTemplates(accounts, channel, senders) }
      : {}),
    fetchMedia: (_channel, url, _sender, expected) => fetchFile(deps, url, expected),
  };
}
