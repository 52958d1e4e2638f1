// Services that take events by HTTP and hand them to callbacks, each by the requests that a business of theirs sends.
import { request } from 'undici';
import type { Dispatcher } from 'undici';
import type { EventPeerName, PeerAddress } from './address.ts';

/** How one event is sent: its JSON stands between `before` and `after`. */
export interface Envelope {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly before: string;
  readonly after: string;
}

interface Prepared {
  readonly envelope: Envelope;
  remove(): Promise<void>;
}

type Prepare = (peer: PeerAddress, callback: string, run: string) => Promise<Prepared>;

/** Makes whatever the peer needs to hand events of `run` to the callback; `remove` takes it away again. */
export function prepare(peer: PeerAddress<EventPeerName>, callback: string, run: string): Promise<Prepared> {
  return preparations[peer.name](peer, callback, run);
}

const preparations: Readonly<Record<EventPeerName, Prepare>> = {
  async outpost(peer, callback, run) {
    const tenant = `/api/v1/tenants/${run}`;
    await call(peer, 'PUT', tenant);
    await call(peer, 'POST', `${tenant}/destinations`, {
      type: 'webhook',
      topics: ['bench'],
      config: { url: callback },
    });
    return {
      envelope: toEnvelope(peer, '/api/v1/publish', { tenant_id: run, topic: 'bench' }, 'data'),
      remove: () => call(peer, 'DELETE', tenant).then(() => undefined),
    };
  },
  async svix(peer, callback, run) {
    const { id } = await call<{ id: string }>(peer, 'POST', '/api/v1/app', { name: run, uid: run });
    const application = `/api/v1/app/${id}`;
    await call(peer, 'POST', `${application}/endpoint`, { url: callback, version: 1 });
    return {
      envelope: toEnvelope(peer, `${application}/msg`, { eventType: 'bench' }, 'payload'),
      remove: () => call(peer, 'DELETE', application).then(() => undefined),
    };
  },
  async convoy(peer, callback, run) {
    const project = `/api/v1/projects/${peer.user}`;
    const { data } = await call<{ data: { uid: string } }>(peer, 'POST', `${project}/endpoints`, {
      name: run,
      url: callback,
    });
    await call(peer, 'POST', `${project}/subscriptions`, {
      name: run,
      endpoint_id: data.uid,
      filter_config: { event_types: ['*'] },
    });
    return {
      envelope: toEnvelope(peer, `${project}/events`, { endpoint_id: data.uid, event_type: 'bench' }, 'data'),
      remove: () => call(peer, 'DELETE', `${project}/endpoints/${data.uid}`).then(() => undefined),
    };
  },
};

function toHeaders({ secret }: PeerAddress): Record<string, string> {
  return { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
}

function toEnvelope(
  peer: PeerAddress,
  path: string,
  values: Readonly<Record<string, string>>,
  member: string,
): Envelope {
  const before = `${JSON.stringify(values).slice(0, -1)},"${member}":`;
  return { path, headers: toHeaders(peer), before, after: '}' };
}

async function call<T>(
  peer: PeerAddress,
  method: Dispatcher.HttpMethod,
  path: string,
  body?: object,
): Promise<T> {
  const answer = await request(`${peer.url}${path}`, {
    method,
    headers: toHeaders(peer),
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300)
    throw new Error(`${peer.name}: ${method} ${path}: ${answer.statusCode} ${text}`);
  // The peer's documentation states the shape.
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
