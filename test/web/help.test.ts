import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toOperationId } from '../../src/protocols/api/openapi.ts';
import { descriptions } from '../../src/protocols/api/descriptions.ts';
import { findHelp, helpTopics } from '../../web/src/app/help-topics.ts';
import { toSlug } from '../../web/src/pages/docs/slug.ts';

const docs = new URL('../../docs/', import.meta.url);
const router = readFileSync(new URL('../../web/src/app/router.tsx', import.meta.url), 'utf8');

const readHeadings = (page: string): string[] =>
  [...readFileSync(new URL(`${page}.md`, docs), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    toSlug(text),
  );

test('help of every page leads to a page of the documentation, and to operations that there are', () => {
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));
  const operations = new Set(
    Object.keys(descriptions).map((name) => {
      const [method = '', path = ''] = name.split(' ');
      return toOperationId(method, `/api/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    }),
  );
  for (const [path, { doc, heading, operations: named }] of Object.entries(helpTopics)) {
    assert.ok(pages.includes(`${doc}.md`), `${path}: docs/${doc}.md`);
    if (heading !== undefined) assert.ok(readHeadings(doc).includes(heading), `${path}: ${doc}#${heading}`);
    for (const operation of named) assert.ok(operations.has(operation), `${path}: ${operation}`);
  }
});

test('every page of the console has help of its own', () => {
  const places = [...router.matchAll(/page\(\s*'(\/[^'$/]*)/g)].map(([, path = '']) => path);
  assert.ok(places.length > 15);
  for (const path of new Set(places))
    assert.ok(path in helpTopics, `${path} is not in web/src/app/help-topics.ts`);
  assert.equal(findHelp('/settings/keys'), helpTopics['/settings/keys']);
  assert.equal(findHelp('/queues/orders'), helpTopics['/queues']);
});
