import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { before, test } from 'node:test';
import { format, resolveConfig } from 'prettier';
import validation from '@har-sdk/validator';
import { Value } from 'typebox/value';
import type { TSchema } from '@fastify/type-provider-typebox';
import type { DocumentOperation, OpenApiDocument } from '../../../src/protocols/api/openapi.ts';
import { descriptions } from '../../../src/protocols/api/descriptions.ts';
import { examples } from '../../../src/protocols/api/examples.ts';
import { toPostman } from '../../../src/protocols/api/postman.ts';
import { walkApi } from '../../support/api-walk.ts';

const file = new URL('../../../src/protocols/api/examples.ts', import.meta.url);
const banner =
  '// What each operation was asked and answered in a walk through all of them; `UPDATE_SNAPSHOT=1 node --test test/protocols/api/examples.test.ts` writes it anew.\n' +
  "import type { OperationExample } from './openapi.ts';\n\n" +
  'export const examples: Readonly<Record<string, OperationExample>> = ';

let walked: Awaited<ReturnType<typeof walkApi>>;
let operations: readonly (readonly [name: string, operation: DocumentOperation])[];

before(async () => {
  walked = await walkApi();
  const { paths } = walked.document as unknown as OpenApiDocument;
  operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(
      ([method, operation]) =>
        [`${method.toUpperCase()} ${path.slice('/api/v1'.length)}`, operation] as const,
    ),
  );
});

/** Their ids are those of the embedded store: PostgreSQL leaves numbers out. */
const isEmbedded = process.env['CHASQUI_TEST_DATABASE'] === undefined;

test('the examples of the document are what the service answers', async () => {
  if (process.env['UPDATE_SNAPSHOT'] === '1') {
    const text = await format(`${banner}${JSON.stringify(walked.examples)};\n`, {
      ...(await resolveConfig(file)),
      parser: 'typescript',
    });
    await writeFile(file, text);
    return;
  }
  for (const [name, example] of Object.entries(walked.examples))
    assert.deepEqual(
      isEmbedded ? examples[name] : examples[name]?.status,
      isEmbedded ? example : example.status,
      `${name}: an answer has changed, and UPDATE_SNAPSHOT=1 node --test test/protocols/api/examples.test.ts writes it anew.`,
    );
  assert.deepEqual(Object.keys(examples), Object.keys(walked.examples));
});

test('every operation has a summary, a description and an example', () => {
  assert.ok(operations.length > 100);
  assert.deepEqual(
    operations.map(([name]) => name).filter((name) => walked.examples[name] === undefined),
    [],
    'Call these in test/support/api-walk.ts.',
  );
  assert.deepEqual(
    operations
      .filter(([, { summary, description = '' }]) => summary === '' || description === '')
      .map(([name]) => name),
    [],
    'Describe these in src/protocols/api/descriptions.ts.',
  );
  const named = new Set(operations.map(([name]) => name));
  assert.deepEqual(
    [...Object.keys(walked.examples), ...Object.keys(descriptions)].filter((name) => !named.has(name)),
    [],
    'There are no such operations.',
  );
  for (const [name, { requestBody, responses }] of operations) {
    for (const { example } of Object.values(requestBody?.content ?? {}))
      assert.notEqual(example, undefined, `${name} has no example of its body`);
    const { status = 0 } = walked.examples[name] ?? {};
    assert.ok(status in responses, `${name} answers ${status}`);
    const contents = Object.values(responses[status]?.content ?? {});
    assert.ok(
      contents.length === 0 ||
        contents.some(({ schema, example }) => example !== undefined || isNothing(schema)),
      `${name} has no example of its answer`,
    );
  }
});

test('every example is as the schema beside it says', () => {
  const { components } = walked.document as { components: { schemas: Record<string, TSchema> } };
  const check = (what: string, schema: unknown, value: unknown): void => {
    const whole = inline(schema, components.schemas) as TSchema;
    const [error] = Value.Errors(whole, value);
    assert.equal(error, undefined, `${what}: ${error?.instancePath} ${error?.message}`);
  };
  let checked = 0;
  for (const [name, { requestBody, responses, parameters = [] }] of operations) {
    const contents = [requestBody, ...Object.values(responses)].flatMap((one) =>
      Object.values(one?.content ?? {}),
    );
    for (const { schema, example } of [...contents, ...parameters]) {
      if (example === undefined) continue;
      check(name, schema, example);
      checked += 1;
    }
  }
  assert.ok(checked > 200, `${checked} examples`);
  assert.throws(() => check('a number', components.schemas['Queue'], { name: 1 }));
});

test('the document says where the API is called', () => {
  assert.deepEqual(walked.document['servers'], [{ url: 'https://chasqui.example' }]);
});

test('the Postman collection has a request for every operation, with its example', async () => {
  const collection = toPostman(walked.document as unknown as OpenApiDocument) as {
    item: {
      name: string;
      item: { request: { method: string; url: { raw: string } }; response: object[] }[];
    }[];
  };
  const requests = collection.item.flatMap(({ item }) => item);
  assert.deepEqual(
    requests.map(({ request }) => `${request.method} ${request.url.raw}`).sort(),
    operations
      .map(([name]) => name.replace(' ', ' {{baseUrl}}/api/v1').replaceAll(/\{(\w+)\}(?!\})/g, ':$1'))
      .map((name) => name.replace('{:baseUrl}', '{{baseUrl}}'))
      .sort(),
  );
  const validator = new validation.PostmanValidator();
  assert.deepEqual(await validator.verify(collection as never), []);
  const broken = { ...collection, item: [{ name: 'x', request: { method: 1 } }] };
  assert.notDeepEqual(await validator.verify(broken as never), []);
  assert.ok(requests.filter(({ response }) => response.length === 1).length > 90);
});

/** A schema with what it refers to in its place. */
function inline(schema: unknown, named: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => inline(one, named));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref } = schema as { $ref?: unknown };
  if (typeof $ref === 'string') return inline(named[$ref.split('/').at(-1) ?? ''], named);
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inline(value, named)]));
}

function isNothing(schema: unknown): boolean {
  return (schema as { type?: unknown } | undefined)?.type === 'null';
}
