// The OpenAPI document of the routes, and what is written about them beside their schemas.
import type { FastifyInstance } from 'fastify';

/** What a client generator calls an operation: `PUT /channels/{channelId}/senders/{senderId}` is `putChannelSender`. */
export function toOperationId(method: string, url: string): string {
  const parts = url.split('/').slice(3);
  const words = parts.flatMap((part, index) => {
    if (part.startsWith(':')) return [];
    const isOne = parts[index + 1]?.startsWith(':') === true;
    return (isOne ? part.replace(/ies$/, 'y').replace(/s$/, '') : part).split('-');
  });
  const capitals = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return method.toLowerCase() + capitals.join('');
}

/** One call of an operation as the service answered it. */
export interface OperationExample {
  /** Values of the path and the query, by their names. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly status: number;
  /** Of an answer that is no JSON: its media type. */
  readonly type?: string;
  /** Left out where the answer has no content. */
  readonly answer?: unknown;
}

/** What there is to say of operations, by method and path below `/api/v1`. */
interface OperationNotes {
  readonly descriptions: Readonly<Record<string, string>>;
  readonly examples: Readonly<Record<string, OperationExample>>;
}

/** Where one schema or example of a body stands. */
export interface DocumentContent {
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly examples?: unknown;
}

/** What of an operation is read and written here. */
export interface DocumentOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly {
    readonly in: 'path' | 'query' | 'header';
    readonly name: string;
    readonly description?: string;
    readonly required?: boolean;
    readonly example?: unknown;
    readonly schema?: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, DocumentContent>> };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, DocumentContent>> }
    >
  >;
}

export interface OpenApiDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentOperation>>>>;
}

/**
 * Makes the OpenAPI 3.1 document of a scope's routes. Schemas with a title become components of that name, so that
 * generated clients have one type each for them. `serverUrl` is where the API is called; where the document itself is when empty.
 */
export function toOpenApi(scope: FastifyInstance, notes: OperationNotes, serverUrl: string): OpenApiDocument {
  const { components, ...document } = scope.swagger() as { components?: Record<string, unknown> };
  const schemas: Record<string, unknown> = {};
  const hoisted = hoist(document, schemas) as OpenApiDocument;
  const paths = Object.entries(hoisted.paths).map(([path, operations]) => {
    const annotated = Object.entries(operations).map(
      ([method, operation]) =>
        [
          method,
          annotate(operation, notes, `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`),
        ] as const,
    );
    return [path, Object.fromEntries(annotated)] as const;
  });
  return {
    ...hoisted,
    servers: [{ url: serverUrl === '' ? '/' : serverUrl }],
    paths: Object.fromEntries(paths),
    ...{ components: { ...components, schemas } },
  };
}

/** An operation with its description, and its example where the parts of it belong. */
function annotate(
  operation: DocumentOperation,
  { descriptions, examples }: OperationNotes,
  name: string,
): DocumentOperation {
  const { requestBody, responses, parameters } = operation;
  const description = descriptions[name];
  const example = examples[name];
  const described = { ...operation, ...(description === undefined ? {} : { description }) };
  if (example === undefined) return described;
  const { parameters: values = {}, body, status, type, answer } = example;
  const answered = responses[status];
  return {
    ...described,
    ...(parameters && {
      parameters: parameters.map((one) =>
        values[one.name] === undefined ? one : { ...one, example: values[one.name] },
      ),
    }),
    ...(requestBody && {
      requestBody: { ...requestBody, content: withExample(requestBody.content, body) },
    }),
    ...(answered?.content && {
      responses: {
        ...responses,
        [status]: { ...answered, content: withExample(answered.content, answer, type) },
      },
    }),
  };
}

function withExample(
  content: Readonly<Record<string, DocumentContent>>,
  example: unknown,
  wanted?: string,
): Record<string, DocumentContent> {
  return Object.fromEntries(
    Object.entries(content).map(([type, one]) => [
      type,
      // A document may say one or several, not both.
      example === undefined || (wanted !== undefined && wanted !== type)
        ? one
        : { ...one, examples: undefined, example },
    ]),
  );
}

function hoist(node: unknown, schemas: Record<string, unknown>): unknown {
  if (Array.isArray(node)) return node.map((item) => hoist(item, schemas));
  if (typeof node !== 'object' || node === null) return node;
  // What the generator writes where nobody said anything.
  if ('description' in node && node.description === 'Default Response')
    return hoist({ ...node, description: 'Success.' }, schemas);
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, hoist(value, schemas)]));
  const { title } = copy;
  if (copy['type'] !== 'object' || typeof title !== 'string') return copy;
  schemas[title] = copy;
  return { $ref: `#/components/schemas/${title}` };
}
