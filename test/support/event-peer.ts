// What the documentation of Outpost, Svix and Convoy says of the few requests that the bench sends them, with the same key for all.
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';

interface EventPeer {
  readonly url: string;
  /** Where events go now. */
  readonly callbacks: ReadonlyMap<string, string>;
  close(): void;
}

export const eventPeerKey = 'key-of-the-peer';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Hands what it is given to the callback that was made for it, and refuses what the documentation does not have. */
export async function openEventPeer(): Promise<EventPeer> {
  const callbacks = new Map<string, string>();
  const server = createServer((incoming, response) => {
    void readCall(incoming).then((call) => {
      const isKnown = incoming.headers.authorization === `Bearer ${eventPeerKey}`;
      const [status, answer] = isKnown ? act(callbacks, call) : [401, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, callbacks, close: () => server.close() };
}

function act(callbacks: Map<string, string>, { method, path, body }: Call): [number, object] {
  const is = (form: RegExp): string | undefined => form.exec(`${method} ${path}`)?.[1];
  const hand = (to: unknown, data: unknown): [number, object] => {
    const callback = callbacks.get(String(to));
    if (callback === undefined || typeof data !== 'object') return [422, { message: 'no such callback' }];
    void request(callback, { method: 'POST', body: JSON.stringify(data) }).then(({ body: text }) =>
      text.dump(),
    );
    return [202, { id: 'event' }];
  };
  const tenant = is(/^PUT \/api\/v1\/tenants\/([\w-]+)$/);
  if (tenant !== undefined) return [201, { id: tenant }];
  const destined = is(/^POST \/api\/v1\/tenants\/([\w-]+)\/destinations$/);
  if (destined !== undefined && body['type'] === 'webhook') {
    callbacks.set(destined, (body['config'] as { url: string }).url);
    return [201, { id: 'destination' }];
  }
  if (is(/^(POST) \/api\/v1\/publish$/) && body['topic'] === 'bench')
    return hand(body['tenant_id'], body['data']);
  if (is(/^(POST) \/api\/v1\/app$/) && body['name'] !== undefined)
    return [201, { id: `app_${String(body['uid'])}` }];
  const application = is(/^POST \/api\/v1\/app\/(app_[\w-]+)\/endpoint$/);
  if (application !== undefined) {
    callbacks.set(application, String(body['url']));
    return [201, { id: 'ep' }];
  }
  const messaged = is(/^POST \/api\/v1\/app\/(app_[\w-]+)\/msg$/);
  if (messaged !== undefined && body['eventType'] !== undefined) return hand(messaged, body['payload']);
  if (is(/^(POST) \/api\/v1\/projects\/project\/endpoints$/)) {
    callbacks.set('endpoint', String(body['url']));
    return [201, { status: true, data: { uid: 'endpoint' } }];
  }
  if (is(/^(POST) \/api\/v1\/projects\/project\/subscriptions$/) && body['endpoint_id'] === 'endpoint')
    return [201, { status: true, data: { uid: 'subscription' } }];
  if (is(/^(POST) \/api\/v1\/projects\/project\/events$/) && body['event_type'] !== undefined)
    return hand(body['endpoint_id'], body['data']);
  const removed = is(/^DELETE \/api\/v1\/(?:tenants|app|projects\/project\/endpoints)\/([\w-]+)$/);
  if (removed !== undefined && callbacks.delete(removed)) return [200, {}];
  return [404, { message: `${method} ${path}` }];
}

async function readCall(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}
