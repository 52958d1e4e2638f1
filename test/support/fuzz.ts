// Anything in the place of something: what the fuzz tests of webhooks share. `CHASQUI_FUZZ_SECONDS` says how long each runs.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { folderOf } from './told.ts';
import type { Kind } from './told.ts';

/** How long each route is fed with random bytes; `npm run test:fuzz` does it for longer. */
export const fuzzSeconds = Number(process.env['CHASQUI_FUZZ_SECONDS'] ?? 2);

type Path = readonly string[];

/** A value, and the keys that lead to one place in it. */
export interface Place {
  readonly sample: unknown;
  readonly path: Path;
}

/** Every place in every sample, the whole of each included. */
export function findPlaces(samples: readonly unknown[]): readonly [Place, ...Place[]] {
  const [first, ...rest] = samples.flatMap((sample) => findPaths(sample).map((path) => ({ sample, path })));
  assert.ok(first !== undefined);
  return [first, ...rest];
}

function findPaths(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => findPaths(inner, [...path, key]))];
}

/** The sample with something else in that place. */
export function replaceAt({ sample, path }: Place, by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const change = (inner: unknown): unknown => replaceAt({ sample: inner, path: rest }, by);
  if (Array.isArray(sample))
    return sample.map((item: unknown, index) => (String(index) === key ? change(item) : item));
  return Object.fromEntries(
    Object.entries(sample as Record<string, unknown>).map(([name, inner]) => [
      name,
      name === key ? change(inner) : inner,
    ]),
  );
}

/** Any JSON value, and those that have broken parsers. */
export const oddValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    2 ** 63,
    -1,
    '',
    '0',
    1e308,
    '1780000000000',
    '2026-06-01T00:00:00Z',
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    [[[[[[[[]]]]]]]],
    '\u202e\u0000\ud800',
  ),
);

/** Flips, cuts, doubles or inserts some bytes. */
function mutate(bytes: Buffer): Buffer {
  let body = Buffer.from(bytes);
  for (let count = randomInt(1, 6); count > 0 && body.byteLength > 1; count -= 1) {
    const at = randomInt(body.byteLength);
    const length = randomInt(1, Math.min(20, body.byteLength - at + 1));
    switch (randomInt(4)) {
      case 0:
        body[at] = randomInt(256);
        break;
      case 1:
        body = Buffer.concat([body.subarray(0, at), body.subarray(at + length)]);
        break;
      case 2:
        body = Buffer.concat([body.subarray(0, at + length), body.subarray(at)]);
        break;
      default:
        body = Buffer.concat([body.subarray(0, at), Buffer.from('{[",}]\\u0000'), body.subarray(at)]);
    }
  }
  return body.byteLength === 0 ? Buffer.from('x') : body;
}

/** Posts bytes that came of `bodies` for `fuzzSeconds`; each has to be answered with 200. Resolves to how many were posted. */
export async function fuzzBytes(
  bodies: readonly Buffer[],
  post: (body: Buffer) => Promise<number>,
): Promise<number> {
  const end = Date.now() + fuzzSeconds * 1000;
  let posts = 0;
  do {
    const body = mutate(bodies[randomInt(bodies.length)] ?? Buffer.from('{}'));
    assert.equal(await post(body), 200, body.toString('base64'));
    posts += 1;
  } while (Date.now() < end);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  return posts;
}

/** Webhooks of a channel: those of test/fixtures, and recorded ones where that folder is at hand. */
export function readPayloads(kind: Kind): readonly Buffer[] {
  const own = new URL(`../fixtures/${folderOf(kind)}`, import.meta.url);
  const recorded = new URL(`../../../shared/fixtures/${kind}/`, import.meta.url);
  return [own, ...(existsSync(recorded) ? [recorded] : [])].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.json') && !/__(api-|request)/.test(file))
      .map((file) => readFileSync(new URL(file, folder))),
  );
}

/** The members of a list in each of those payloads that is JSON. */
export function readEntries(payloads: readonly Buffer[]): readonly unknown[] {
  return payloads.flatMap((bytes) => {
    try {
      const { entry } = JSON.parse(bytes.toString('utf8')) as { entry?: unknown };
      return Array.isArray(entry) ? (entry as unknown[]) : [];
    } catch {
      // Some recordings are what no parser takes.
      return [];
    }
  });
}
