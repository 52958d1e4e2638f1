import { createHmac } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export interface SmqCall {
  readonly method?: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: { readonly id: string; readonly secret: string };
  readonly now: number;
}

export interface SmqReply {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The text of the first element of that name; undefined when there is none. */
  readonly element: (name: string) => string | undefined;
}

/** Sends one request without a socket, signed as V2 says unless its headers bring an Authorization of their own. */
export async function callSmq(app: FastifyInstance, target: string, call: SmqCall): Promise<SmqReply> {
  const { method = 'GET', body = '', key = { id: 'testkey', secret: 'testsecret' } } = call;
  const headers: Record<string, string> = {
    host: 'smq.example:8080',
    date: new Date(call.now).toUTCString(),
    'x-mns-version': '2015-06-06',
    ...(body === '' ? {} : { 'content-type': 'text/xml' }),
    ...call.headers,
  };
  const extra = Object.keys(headers)
    .filter((name) => name.startsWith('x-mns-'))
    .sort()
    .map((name) => `${name}:${headers[name] ?? ''}\n`)
    .join('');
  const text = `${method}\n${headers['content-md5'] ?? ''}\n${headers['content-type'] ?? ''}\n${headers['date'] ?? headers['x-mns-date'] ?? ''}\n${extra}${target}`;
  headers['authorization'] ??=
    `MNS ${key.id}:${createHmac('sha1', key.secret).update(text).digest('base64')}`;
  for (const name of Object.keys(headers)) if (headers[name] === '') Reflect.deleteProperty(headers, name);
  const answer = await app.inject({
    method,
    url: target,
    headers,
    ...(body === '' ? {} : { payload: body }),
  });
  return {
    status: answer.statusCode,
    text: answer.body,
    headers: answer.headers,
    element: (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1],
  };
}
