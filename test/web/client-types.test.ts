import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import openapiTS, { astToString } from 'openapi-typescript';
import type { OpenAPI3 } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import type { OpenApiDocument } from '../../src/protocols/api/openapi.ts';
import { openApiTest } from '../support/api.ts';

const file = new URL('../../web/src/api/schema.d.ts', import.meta.url);
const banner = '// Made from /api/v1/openapi.json; `UPDATE_SNAPSHOT=1 npm test` writes it anew.\n';

test('the client types of the console are those of the OpenAPI document', async (t) => {
  const api = await openApiTest();
  t.after(() => api.close());
  const document = (await api.app.inject({ url: '/api/v1/openapi.json' })).json<OpenAPI3>();
  leaveOutWords(document);
  const types = banner + astToString(await openapiTS(document, { alphabetize: true }));
  const formatted = await format(types, { ...(await resolveConfig(file)), parser: 'typescript' });
  if (process.env['UPDATE_SNAPSHOT'] === '1') await writeFile(file, formatted);
  assert.ok(
    formatted.includes('"/channels/{channelId}"') || formatted.includes("'/api/v1/channels/{channelId}'"),
  );
  assert.equal(await readFile(file, 'utf8'), formatted);
});

/** What operations are described by, and their examples, are no types. */
function leaveOutWords({ paths = {} }: OpenAPI3): void {
  for (const operation of Object.values(paths as OpenApiDocument['paths']).flatMap((item) =>
    Object.values(item),
  )) {
    const { parameters = [], requestBody, responses } = operation;
    const contents = [requestBody, ...Object.values(responses)].flatMap((one) =>
      Object.values(one?.content ?? {}),
    );
    Reflect.deleteProperty(operation, 'description');
    for (const one of [...parameters, ...contents]) Reflect.deleteProperty(one, 'example');
  }
}
