// Whose the events of a webhook are: the channel and the sender of each.
import type { Channel, Sender } from '../../domain/channel.ts';
import type { Route, WaitingRoute } from '../../domain/receipt.ts';
import type { Directory } from '../../store/directory.ts';
import type { OwnedEvent } from './match.ts';

/** Where one event belongs: its channel, and its sender if it has one. */
export interface Target {
  readonly channel: Channel;
  readonly sender: Sender | null;
}

interface Routed {
  readonly route: Route;
}

type Deps = {
  readonly directory: Pick<Directory, 'channel' | 'channelsByWaba' | 'sender' | 'senderByRoute'>;
};

const nobody: readonly Target[] = [];

/** The owners of all routes that the events of one webhook name. */
export class Targets {
  readonly #byRoute: ReadonlyMap<string, readonly Target[]>;
  /** What was asked for last: the events of one number share their route, and each is asked for some times. */
  #last: { readonly route: Route | undefined; readonly targets: readonly Target[] };

  constructor(byRoute: ReadonlyMap<string, readonly Target[]>) {
    this.#byRoute = byRoute;
    this.#last = { route: undefined, targets: nobody };
  }

  /** Whose an event is; none when nobody has its route. */
  of({ route }: Routed): readonly Target[] {
    if (route !== this.#last.route)
      this.#last = { route, targets: this.#byRoute.get(toKey(route)) ?? nobody };
    return this.#last.targets;
  }
}

/** Finds the owners of all routes that some events name, each looked up once. */
export async function findTargets(
  deps: Deps,
  channel: Channel,
  ...lists: readonly (readonly Routed[])[]
): Promise<Targets> {
  const byRoute = new Map<string, readonly Target[]>();
  let last: Route | undefined;
  for (const events of lists) {
    for (const { route } of events) {
      if (route === last) continue;
      last = route;
      const key = toKey(route);
      if (!byRoute.has(key)) byRoute.set(key, await findTarget(deps, channel, route));
    }
  }
  return new Targets(byRoute);
}

/**
 * An event belongs to the channel that received it if the sender or WABA is that channel's. Another channel gets it only if
 * it trusts the same app: whoever can sign for one could sign for the other.
 */
export async function findTarget(
  { directory }: Deps,
  channel: Channel,
  route: Route,
): Promise<readonly Target[]> {
  if (route.by === 'waba') {
    if (toWabaRoute(channel).id === route.id) return [{ channel, sender: null }];
    const others = await directory.channelsByWaba(channel.type, route.id);
    return others
      .filter((other) => isSameApp(channel, other))
      .map((other) => ({ channel: other, sender: null }));
  }
  if (channel.type === 'sandbox') {
    const sender = await directory.sender(channel.id, route.id);
    return sender === undefined ? nobody : [{ channel, sender }];
  }
  const sender = await directory.senderByRoute(channel.type, route.id);
  if (sender === undefined) return nobody;
  if (sender.channelId === channel.id) return [{ channel, sender }];
  const other = await directory.channel(sender.channelId);
  return other !== undefined && isSameApp(channel, other) ? [{ channel: other, sender }] : nobody;
}

/** How audits find a channel: by its WABA, or by its own id where it has none. */
function toWabaRoute(channel: Channel): Route {
  return { by: 'waba', id: channel.wabaId ?? channel.id };
}

function isSameApp(a: Channel, b: Channel): boolean {
  const secrets = (channel: Channel) =>
    [channel.credentials['appSecret'], channel.credentials['appSecretPrevious']].filter(
      (secret) => secret !== undefined && secret !== '',
    );
  const known = secrets(b);
  return secrets(a).some((secret) => known.includes(secret));
}

/** An event as one of a sender's. */
export function toOwned(event: OwnedEvent['event'], { channel, sender }: Target): OwnedEvent {
  return { event, channelId: channel.id, senderId: sender?.id ?? null };
}

/** How a route is known in one process. */
export function toKey(route: WaitingRoute): string {
  return `${route.by}/${route.id}`;
}
