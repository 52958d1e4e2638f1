// Viber's two APIs under one channel type: a channel with an `authToken` is a bot, one without speaks Business Messages.
import type { Channel } from '../../domain/channel.ts';
import type { Client } from '../../http/client.ts';
import type { Connector } from '../channel.ts';
import { fetchFile } from '../kit/files.ts';
import { checkBot, findBot, sendToUser, subscribeBot } from '../viber-bot/send.ts';
import { hasViberSignature, isSignedByViber, parseBotEvent, toWelcome } from '../viber-bot/parse.ts';
import { checkService, sendToPhone } from '../viber-business/send.ts';
import { isFromPartner, parseCallback } from '../viber-business/parse.ts';

interface ViberDeps {
  readonly client: Pick<Client, 'get' | 'post'>;
  readonly now: () => number;
  /** Bases of the two APIs, without a trailing slash. */
  readonly botUrl: string;
  readonly businessUrl: string;
}

function isBot({ credentials }: Pick<Channel, 'credentials'>): boolean {
  return credentials['authToken'] !== undefined;
}

/** Each service may be at another aggregator. */
function toBusinessUrl({ businessUrl }: Pick<ViberDeps, 'businessUrl'>, { options }: Channel): string {
  const own = options['businessUrl'];
  return typeof own === 'string' ? own : businessUrl;
}

/** Where a channel's API is. */
export function toViberUrl(deps: Pick<ViberDeps, 'botUrl' | 'businessUrl'>, channel: Channel): string {
  return isBot(channel) ? deps.botUrl : toBusinessUrl(deps, channel);
}

export function createViberConnector(deps: ViberDeps): Connector {
  return {
    mayBeFrom: (channel, head) => (isBot(channel) ? hasViberSignature(head) : isFromPartner(channel, head)),
    verify: (channel, request) =>
      isBot(channel) ? isSignedByViber(channel, request) : isFromPartner(channel, request),
    parse: (body, channel) =>
      isBot(channel) ? parseBotEvent(body, channel, deps.now()) : parseCallback(body, channel, deps.now()),
    send: (channel, sender, outgoing) =>
      isBot(channel)
        ? sendToUser(deps, channel, sender, outgoing)
        : sendToPhone({ ...deps, businessUrl: toBusinessUrl(deps, channel) }, sender, outgoing),
    respond: (channel, body) => (isBot(channel) ? toWelcome(channel, body) : undefined),
    fetchMedia: (_channel, url, _sender, expected) => fetchFile(deps, url, expected),
    check: async (channel, _senders, hookUrl) =>
      isBot(channel) ? checkBot(deps, channel, hookUrl) : checkService(channel, hookUrl),
    findSenders: async (channel) =>
      isBot(channel)
        ? findBot(deps, channel)
        : { fault: 'refused', reason: 'Viber does not tell its services. Add each by its service ID.' },
    subscribe: async (channel, _senders, hookUrl) =>
      isBot(channel)
        ? subscribeBot(deps, channel, hookUrl)
        : {
            fault: 'refused',
            reason: `Viber's partner team sets the callbacks of a service. Give them ${hookUrl}/<pathSecret> for both.`,
          },
  };
}
