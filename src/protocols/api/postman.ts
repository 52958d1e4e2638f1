// The same document as a Postman collection (format v2.1.0, https://schema.getpostman.com, read 2026-11-30): a folder a tag, a request an
// operation, with its example as the body that is sent and the answer that came.
import { STATUS_CODES } from 'node:http';
import type { DocumentContent, DocumentOperation, OpenApiDocument } from './openapi.ts';

const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json';

interface Item {
  readonly name: string;
  readonly request: object;
  readonly response: readonly object[];
}

/** Makes the collection of an OpenAPI document of ours. Address and key are variables of it; the key's are left empty. */
export function toPostman({ info, servers, paths }: OpenApiDocument): object {
  const folders = new Map<string, Item[]>();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0] ?? '';
      folders.set(tag, [...(folders.get(tag) ?? []), toItem(path, method.toUpperCase(), operation)]);
    }
  const { url = '' } = servers[0] ?? {};
  return {
    info: { name: info.title, description: info.description, version: info.version, schema },
    auth: {
      type: 'basic',
      basic: [
        { key: 'username', value: '{{keyId}}', type: 'string' },
        { key: 'password', value: '{{keySecret}}', type: 'string' },
      ],
    },
    variable: [
      { key: 'baseUrl', value: url === '/' ? 'http://127.0.0.1:8080' : url, type: 'string' },
      { key: 'keyId', value: '', type: 'string' },
      { key: 'keySecret', value: '', type: 'string' },
    ],
    item: [...folders].map(([name, item]) => ({ name, item })),
  };
}

function toItem(path: string, method: string, operation: DocumentOperation): Item {
  const { summary, description = '', requestBody, parameters = [], security, responses } = operation;
  const body = findExample(requestBody?.content);
  const request = {
    method,
    description,
    ...(security?.length === 0 && { auth: { type: 'noauth' } }),
    header: [
      ...(requestBody === undefined ? [] : [{ key: 'content-type', value: 'application/json' }]),
      ...parameters
        .filter((one) => one.in === 'header')
        .map((one) => ({ key: one.name, value: '', description: one.description ?? '', disabled: true })),
    ],
    url: toUrl(path, parameters),
    ...(requestBody !== undefined && {
      body: { mode: 'raw', raw: toText(body ?? {}), options: { raw: { language: 'json' } } },
    }),
  };
  const answers = Object.entries(responses).flatMap(([status, { content }]) => {
    const answer = findExample(content);
    if (answer === undefined) return [];
    const type = Object.keys(content ?? {})[0] ?? '';
    return [
      {
        name: summary,
        originalRequest: request,
        status: STATUS_CODES[status] ?? '',
        code: Number(status),
        header: [{ key: 'content-type', value: type }],
        cookie: [],
        body: typeof answer === 'string' ? answer : toText(answer),
      },
    ];
  });
  return { name: summary, request, response: answers };
}

/** An address with its parameters; those of the query are switched off but for those that are needed. */
function toUrl(path: string, parameters: NonNullable<DocumentOperation['parameters']>): object {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => part.replace(/^\{(\w+)\}$/, ':$1'));
  const toMember = ({ name, example, description = '' }: (typeof parameters)[number]) => ({
    key: name,
    value: typeof example === 'string' || typeof example === 'number' ? String(example) : '',
    description,
  });
  const query = parameters.filter((one) => one.in === 'query');
  return {
    raw: `{{baseUrl}}/${parts.join('/')}`,
    host: ['{{baseUrl}}'],
    path: parts,
    query: query.map((one) => ({ ...toMember(one), disabled: one.required !== true })),
    variable: parameters.filter((one) => one.in === 'path').map(toMember),
  };
}

function findExample(content: Readonly<Record<string, DocumentContent>> | undefined): unknown {
  return Object.values(content ?? {}).find(({ example }) => example !== undefined)?.example;
}

function toText(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
