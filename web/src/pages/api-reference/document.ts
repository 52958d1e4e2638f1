// The OpenAPI document as the service tells it, and what of it is shown.
import { queryOptions } from '@tanstack/react-query';
import { readDocument } from '../../api/client.ts';

/** A part of a schema, as far as it is looked at. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

interface Content {
  readonly schema?: Schema;
  readonly example?: unknown;
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema?: Schema;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly role: string | null;
  readonly keyRoles: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body: Content | null;
  readonly answers: readonly {
    readonly status: number;
    readonly description: string;
    readonly content: Content | null;
  }[];
}

export interface Reference {
  readonly server: string;
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

interface Told {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, ToldOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface ToldOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { readonly description?: string; readonly content?: Readonly<Record<string, Content>> }>
  >;
  readonly 'x-role'?: string;
  readonly 'x-key-roles'?: readonly string[];
}

/** The document, asked for once: it changes with the service alone. */
export const referenceQuery = queryOptions({
  queryKey: ['openapi'],
  staleTime: Infinity,
  queryFn: async () => toReference((await readDocument('/api/v1/openapi.json')) as Told),
});

function toReference({ servers, paths, components }: Told): Reference {
  const { url = '/' } = servers[0] ?? {};
  return {
    server: new URL(url, globalThis.location.origin).href.replace(/\/$/, ''),
    operations: Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => toOperation(method.toUpperCase(), path, operation)),
    ),
    schemas: components.schemas,
  };
}

function toOperation(method: string, path: string, told: ToldOperation): Operation {
  return {
    id: told.operationId,
    method,
    path,
    tag: told.tags[0] ?? '',
    summary: told.summary,
    description: told.description ?? '',
    role: told['x-role'] ?? null,
    keyRoles: told['x-key-roles'] ?? [],
    parameters: told.parameters ?? [],
    body: toContent(told.requestBody?.content),
    answers: Object.entries(told.responses).map(([status, { description = '', content }]) => ({
      status: Number(status),
      description,
      content: toContent(content),
    })),
  };
}

function toContent(content: Readonly<Record<string, Content>> | undefined): Content | null {
  const one = Object.values(content ?? {})[0];
  return one === undefined || one.schema?.type === 'null' ? null : one;
}

/** Operations that have all the words somewhere; all of them without a word. */
export function search(operations: readonly Operation[], text: string): readonly Operation[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter(({ id, method, path, tag, summary, description, parameters }) => {
    const names = parameters.map(({ name }) => name);
    const all = [id, method, path, tag, summary, description, ...names].join(' ').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** One member of what is taken or answered, by its path in there. */
export interface Member {
  readonly name: string;
  readonly type: string;
  readonly isNeeded: boolean;
  readonly description: string;
}

/** Deeper than this an example tells more than a list. */
const maxDepth = 4;

/** All members below a schema, each on a line of its own. */
export function toMembers(
  schemas: Reference['schemas'],
  schema: Schema | undefined,
  place = '',
  depth = 0,
): readonly Member[] {
  const { properties, items, required = [] } = resolve(schemas, schema);
  if (items !== undefined) return toMembers(schemas, items, `${place}[]`, depth);
  if (properties === undefined || depth >= maxDepth) return [];
  return Object.entries(properties).flatMap(([name, member]) => {
    const path = place === '' ? name : `${place}.${name}`;
    const { description = resolve(schemas, member).description ?? '' } = member;
    return [
      { name: path, type: toType(schemas, member), isNeeded: required.includes(name), description },
      ...toMembers(schemas, withoutNull(schemas, member), path, depth + 1),
    ];
  });
}

/** A type in a few words: `string`, `integer or null`, `"read" or "typing"`, `list of string`. */
export function toType(schemas: Reference['schemas'], schema: Schema | undefined): string {
  const { type, format, enum: values, const: constant, items, anyOf } = resolve(schemas, schema);
  if (constant !== undefined) return JSON.stringify(constant);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (anyOf !== undefined) return anyOf.map((one) => toType(schemas, one)).join(' | ');
  if (items !== undefined) return `${toType(schemas, items)}[]`;
  if (type === undefined) return 'any';
  return format ?? (typeof type === 'string' ? type : type.join(' | '));
}

function resolve(schemas: Reference['schemas'], schema: Schema | undefined): Schema {
  if (schema?.$ref === undefined) return schema ?? {};
  return schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {};
}

/** What may be null, as it is when it is not. */
function withoutNull(schemas: Reference['schemas'], schema: Schema): Schema {
  const { anyOf } = resolve(schemas, schema);
  return anyOf?.find((one) => resolve(schemas, one).type !== 'null') ?? schema;
}

/** A call as a command for a shell, with the example's values. */
export function toCurl(server: string, { method, path, parameters, body }: Operation): string {
  const valueOf = ({ name, example }: Parameter): string =>
    typeof example === 'string' || typeof example === 'number' || typeof example === 'boolean'
      ? String(example)
      : `{${name}}`;
  const filled = parameters
    .filter((one) => one.in === 'path')
    .reduce((text, one) => text.replace(`{${one.name}}`, encodeURIComponent(valueOf(one))), path);
  const query = parameters
    .filter((one) => one.in === 'query' && (one.required === true || one.example !== undefined))
    .map((one) => `${one.name}=${encodeURIComponent(valueOf(one))}`);
  const url = `${server}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return [
    'curl -u "$KEY"',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    quote(url),
    ...(body?.example === undefined
      ? []
      : [`-H 'content-type: application/json'`, `-d ${quote(JSON.stringify(body.example))}`]),
  ].join(' \\\n  ');
}

/** A word of a shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
