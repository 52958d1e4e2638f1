// What the admin API works with.
import { createPortalTokens } from '../core/accounts/portal-links.ts';
import { Passwords } from '../core/accounts/passwords.ts';
import { preflight } from '../core/deliveries/preflight.ts';
import { generateSecret } from '../core/deliveries/signature.ts';
import { sendTestEvent } from '../core/deliveries/test-event.ts';
import type { AcceptanceDeps } from '../core/messages/acceptance.ts';
import { rereadRemarked } from '../core/receipts/remark-reread.ts';
import { adoptTemplates, planAdoption } from '../core/templates/import.ts';
import type { AdoptionOptions } from '../core/templates/import.ts';
import { decideReview } from '../core/templates/reviews.ts';
import type { AccountId } from '../domain/account.ts';
import type { NoticeTarget } from '../domain/notice-target.ts';
import { sendTest } from '../operations/notice-telling.ts';
import type { Channel } from '../domain/channel.ts';
import { inPlaces, Shares, toAskedRule } from '../domain/shares.ts';
import type { Lockout } from '../http/lockout.ts';
import type { ApiDeps } from '../protocols/api/deps.ts';
import type { ApiRoutesDeps } from '../protocols/api/server.ts';
import { playInbound, playStatus } from '../protocols/hooks/sandbox.ts';
import { version } from '../runtime/release.ts';
import { openCompanySignIn } from './company-sign-in.ts';
import { toRender } from './core.ts';
import { toSettingActions } from './live-settings.ts';
import type { Core } from './core.ts';

/** What the API asks of vendors and receivers at once while its callers wait; of preflights each is some twenty posts. */
const maxAsked = 32;
const maxPreflights = 8;

export function toApiDeps(core: Core, acceptance: AcceptanceDeps, guesses: Lockout): ApiRoutesDeps {
  const { settings, directory, emit, now, monotonic, publicUrl, consoleUrl, client, tracing } = core;
  return {
    store: core.sessionStore,
    directory,
    rates: core.rates,
    messageQuota: core.messageQuota,
    fileQuota: core.fileQuota,
    passwords: new Passwords(),
    guesses,
    emit,
    tracing,
    raiseNotice: core.raiseNotice,
    now,
    monotonic,
    version,
    time: toTime(core),
    workers: () => core.workers.list(),
    settings: toSettingActions(core),
    tail: { readers: settings.tailReaders, readersPerAccount: settings.tailReadersPerAccount },
    sessions: {
      get idleMs() {
        return settings.sessionIdleMinutes * 60_000;
      },
      get lifeMs() {
        return settings.sessionHours * 60 * 60_000;
      },
    },
    publicUrl,
    consoleUrl,
    portalTokens: createPortalTokens(core),
    portalUrl: () => `${consoleUrl()}/portal/`,
    company: openCompanySignIn(core),
    checkUrl: client.checkUrl,
    findHostWithoutAddress: client.findHostWithoutAddress,
    damage: core.damage.current,
    generateSecret,
    render: toRender(core),
    mediaUrl: (...media) => core.links.url(...media),
    acceptance,
    ...toReceiptActions(core),
    ...toAsked(core),
  };
}

function toTime({ clock, store, sweepGuard, sweeping }: Core): ApiDeps['time'] {
  return {
    doubt: () => clock.doubt()?.text ?? null,
    held: sweepGuard.held,
    confirm: async () => {
      clock.confirm();
      // Other nodes, and the next start, compare with it.
      await store.probe();
      sweepGuard.letGo();
      sweeping.wake();
    },
  };
}

/** What makes receipts at somebody's word. */
function toReceiptActions(
  core: Core,
): Pick<ApiDeps, 'simulate' | 'reread' | 'onRouteAdded' | 'removeMedia' | 'decideReview'> {
  const { store, recording, remarked, files, directory, connectors, now, recordOwn } = core;
  return {
    simulate: {
      inbound: (channel, sender, event) => playInbound(recording, channel, sender, event),
      status: (channel, sender, event) => playStatus(recording, channel, sender, event),
    },
    reread: (entry) => rereadRemarked(remarked, entry),
    onRouteAdded: core.onRouteAdded,
    removeMedia: (media) => files.remove(media),
    decideReview: (owner, template, decision) =>
      decideReview({ store, directory, connectors, now, record: recordOwn }, owner, template, decision),
  };
}

/** What is asked of vendors and receivers, so many at once. */
function toAsked({
  client,
  now,
  monotonic,
  connections,
  adopting,
  telling,
}: Core): Pick<
  ApiDeps,
  'notices' | 'sendTestEvent' | 'preflight' | 'connections' | 'adoptTemplates' | 'planAdoption'
> {
  const asked = new Shares<AccountId>(toAskedRule(maxAsked));
  const test = inPlaces(asked, ({ target }: { accountId: AccountId; target: NoticeTarget }) =>
    sendTest(telling, target),
  );
  const preflights = new Shares<AccountId>(toAskedRule(maxPreflights));
  return {
    sendTestEvent: inPlaces(asked, (destination) => sendTestEvent({ client, now, monotonic }, destination)),
    notices: {
      operatorTargets: telling.operatorTargets,
      hasMail: telling.notifiers.email !== undefined,
      sendTest: (target, accountId) => test({ accountId, target }),
    },
    preflight: inPlaces(preflights, (destination) => preflight({ client, now, monotonic }, destination)),
    connections: {
      check: inPlaces(asked, connections.check),
      findSenders: inPlaces(asked, connections.findSenders),
      subscribe: inPlaces(asked, (channel) => connections.subscribe(channel)),
      show: inPlaces(asked, connections.show),
    },
    planAdoption: inPlaces(asked, (channel: Channel, options: Pick<AdoptionOptions, 'replace'>) =>
      planAdoption(adopting, channel, options),
    ),
    adoptTemplates: inPlaces(asked, (channel: Channel, options: AdoptionOptions) =>
      adoptTemplates(adopting, channel, options),
    ),
  };
}
