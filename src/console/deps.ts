import type { Check, FoundSender, Sign } from '../channels/channel.ts';
import type { Channel, Sender, SenderType } from '../domain/channel.ts';
import type { Attempt, Destination } from '../domain/delivery.ts';
import type { Directory } from '../store/directory.ts';
import type { Store } from '../store/store.ts';
import type { SessionTimes } from './auth.ts';
import type { Emit } from '../telemetry/events.ts';

/** What the admin API works with; its routes take slices of it. */
export interface ApiDeps {
  readonly store: Store;
  readonly directory: Directory;
  readonly emit: Emit;
  readonly now: () => number;
  readonly version: string;
  readonly sessions: SessionTimes;
  /** Base of the addresses that others follow, without a trailing slash. */
  readonly publicUrl: () => string;
  /** Says why a callback URL cannot be used; null when it can be. */
  readonly checkUrl: (url: string) => Promise<string | null>;
  /** Records what was waiting for a sender, or for a WABA's channel, that has just been added. Must not throw. */
  readonly onRouteAdded: (type: SenderType, route: { by: 'sender' | 'waba'; id: string }) => unknown;
  readonly sendTestEvent: (destination: Destination) => Promise<TestEvent>;
  /** Makes a signing secret in the form of Standard Webhooks. */
  readonly generateSecret: () => string;
  /** What is asked of a channel's vendor; all but `check` throw a GatewayError that says why it was not done. */
  readonly connections: {
    readonly check: (channel: Channel) => Promise<readonly Check[]>;
    readonly findSenders: (channel: Channel) => Promise<readonly FoundSender[]>;
    readonly subscribe: (channel: Channel) => Promise<void>;
    readonly show: (channel: Channel, sender: Sender, sign: Sign) => Promise<void>;
  };
}

/** A test event as it went out and what came back. */
export interface TestEvent {
  readonly request: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly attempt: Attempt;
}
