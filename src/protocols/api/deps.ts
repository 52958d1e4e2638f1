import type { AccountId, Actor, Principal } from '../../domain/account.ts';
import type { Told } from '../../domain/notice-message.ts';
import type { NoticeTarget } from '../../domain/notice-target.ts';
import type { SessionTimes } from '../../core/accounts/sessions.ts';
import type { PortalTokens } from '../../core/accounts/portal-links.ts';
import type { CompanySignIn } from '../../core/accounts/company-sign-in.ts';
import type { Quota } from '../../core/accounts/quotas.ts';
import type { RequestRates } from '../../core/accounts/request-rates.ts';
import type { OnRouteAdded } from '../../core/channels/channels.ts';
import type { Render } from '../../core/deliveries/batch.ts';
import type { Preflight } from '../../core/deliveries/preflight.ts';
import type { TestEvent } from '../../core/deliveries/test-event.ts';
import type { MediaLinks } from '../../core/media/links.ts';
import type { AcceptanceDeps } from '../../core/messages/acceptance.ts';
import type { Reread } from '../../core/receipts/remark-reread.ts';
import type { Adopted, AdoptionOptions, Planned } from '../../core/templates/import.ts';
import type { ReviewDecision } from '../../core/templates/reviews.ts';
import type { TemplateOwner } from '../../core/templates/submission.ts';
import type { Check, FoundSender, Sign } from '../../channels/channel.ts';
import type { Channel, Sender } from '../../domain/channel.ts';
import type { Destination } from '../../domain/delivery.ts';
import type { PlayedEvent } from '../../domain/sandbox.ts';
import type { Template } from '../../domain/template.ts';
import type { Lockout } from '../../http/lockout.ts';
import type { Directory } from '../../store/directory.ts';
import type { MediaKey, OldRows, RawEventEntry, Store } from '../../store/store.ts';
import type { WorkerStatus } from '../../runtime/activity.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Tracing } from '../../telemetry/tracing.ts';

/** Readers of the live tail at once, on this node. */
export interface TailLimits {
  readonly readers: number;
  readonly readersPerAccount: number;
}

/** A setting as it is in force, secrets left out. */
export interface SettingInForce {
  readonly key: string;
  readonly env: string;
  readonly value: unknown;
  readonly unit: string;
  readonly meaning: string;
  /** Whether it may be set while the service runs. */
  readonly isLive: boolean;
  readonly source: 'default' | 'file' | 'environment' | 'command line' | 'console';
  readonly initial: unknown;
  /** When, by whom and to what it was set while the service ran, and whether that is in force on this node. */
  readonly set: {
    readonly at: number;
    readonly by: string;
    readonly value: string;
    readonly isInForce: boolean;
  } | null;
}

/** What the routes of the admin API work with. Of the store each of them is given the verbs that it names. */
export interface ApiDeps<Verbs extends keyof Store = never> extends Time {
  readonly store: Pick<Store, Verbs>;
  readonly directory: Directory;
  /** Slows down who guesses secrets; shared by every door that takes one. */
  readonly guesses: Lockout;
  /** What accounts and their keys may ask in a second, have in queues, and of files. */
  readonly rates: Pick<RequestRates, 'boundOf' | 'used'>;
  readonly messageQuota: Pick<Quota, 'reserve' | 'requireRoom' | 'count' | 'boundOf'>;
  readonly fileQuota: Pick<Quota, 'count' | 'boundOf'>;
  readonly emit: Emit;
  readonly tracing?: Tracing | undefined;
  readonly version: string;
  /** What is thought of the clock. `confirm` takes it for right and lets a sweep that waits go; it throws `wrong_state` when it cannot be. */
  readonly time: {
    readonly doubt: () => string | null;
    readonly held: () => readonly OldRows[];
    readonly confirm: () => Promise<void>;
  };
  /** What runs by itself in this process. */
  readonly workers: () => readonly WorkerStatus[];
  readonly sessions: SessionTimes;
  readonly tail: TailLimits;
  /** The settings of the service, of which some are set while it runs. `set` and `unset` throw what says why it is not done. */
  readonly settings: {
    readonly list: () => readonly SettingInForce[];
    readonly set: (principal: Principal, key: string, text: string) => Promise<void>;
    readonly unset: (principal: Principal, key: string) => Promise<void>;
  };
  /** What taking a message of the business needs. */
  readonly acceptance: AcceptanceDeps;
  /** Signs and reads the tokens of portal links. */
  readonly portalTokens: PortalTokens;
  /** Where browsers find the portal, without a trailing slash. */
  readonly portalUrl: () => string;
  /** Base of the addresses that others follow, without a trailing slash. */
  readonly publicUrl: () => string;
  /** Where browsers find the console, without a trailing slash. */
  readonly consoleUrl: () => string;
  /** Sign-in by the company's provider; null where there is none. */
  readonly company: {
    readonly signIn: Pick<CompanySignIn, 'begin' | 'finish'>;
    /** What its button says; null for the console's own words. */
    readonly label: string | null;
    /** Whether it is the only way in, keys and what an operator makes aside. */
    readonly isOnly: boolean;
  } | null;
  /** Ends a review that no channel does, by somebody's word. Throws `wrong_state` where there is none to end. */
  readonly decideReview: (
    owner: TemplateOwner,
    template: Template,
    decision: ReviewDecision,
  ) => Promise<void>;
  /** Plays a user, or the channel, on a sandbox channel. */
  readonly simulate: Readonly<
    Record<'inbound' | 'status', (channel: Channel, sender: Sender, event: unknown) => Promise<PlayedEvent>>
  >;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  /** The host of a callback URL when nothing can be sent there for now, because it has no address. */
  readonly findHostWithoutAddress: (url: string) => Promise<string | null>;
  /** Records what was waiting for a sender, or for a WABA's channel, that has just been added. Must not throw. */
  readonly onRouteAdded: OnRouteAdded;
  /** Reads a kept raw event again, and records what came to be understood of it. */
  readonly reread: (entry: RawEventEntry) => Promise<Reread>;
  /** What consumers see of a receipt, as it is pushed. */
  readonly render: Render;
  /** A signed link to our copy of a media file. */
  readonly mediaUrl: MediaLinks['url'];
  readonly sendTestEvent: (destination: Destination) => Promise<TestEvent>;
  /** Grades a callback endpoint by test receipts, some of them forged on purpose. */
  readonly preflight: (destination: Destination) => Promise<Preflight>;
  /** Takes the file of a media that has been erased away. */
  readonly removeMedia: (media: MediaKey) => Promise<void>;
  /** What is known of damage to the store; null when nothing is. */
  readonly damage: () => { readonly kept: readonly string[] } | null;
  /** The operator's targets of notices, whether there is e-mail, and a test for any target, on behalf of an account. */
  readonly notices: {
    readonly operatorTargets: readonly NoticeTarget[];
    readonly hasMail: boolean;
    readonly sendTest: (target: NoticeTarget, accountId: AccountId) => Promise<Told>;
  };
  /** Makes a signing secret in the form of Standard Webhooks. */
  readonly generateSecret: () => string;
  /** What is asked of a channel's vendor; all but `check` throw a GatewayError that says why it was not done. */
  readonly connections: {
    readonly check: (channel: Channel) => Promise<readonly Check[]>;
    readonly findSenders: (channel: Channel) => Promise<readonly FoundSender[]>;
    readonly subscribe: (channel: Channel) => Promise<void>;
    readonly show: (channel: Channel, sender: Sender, sign: Sign) => Promise<void>;
  };
  /** Tells what taking over the templates of a channel would change, and takes them over; both throw a GatewayError that says why they were not listed. */
  readonly planAdoption: (channel: Channel, options: Pick<AdoptionOptions, 'replace'>) => Promise<Planned>;
  readonly adoptTemplates: (
    channel: Channel,
    options: AdoptionOptions & { readonly actor: Actor },
  ) => Promise<Adopted>;
}
