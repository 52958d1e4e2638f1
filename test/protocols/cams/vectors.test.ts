// Requests captured from the official SDKs, recomputed; and each of them with one byte changed, which none may survive. Those in
// `captured/` are of cams20200606 1.4.2 (acs3), pop-core 1.8.0 (rpc) and dybaseapi 1.0.0 (rpc-token), with what needs escaping in them.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { CamsError } from '../../../src/protocols/cams/errors.ts';
import { decodePairs } from '../../../src/protocols/cams/parameters.ts';
import { checkSignature, isBodyOf, isRpc, readCredentials } from '../../../src/protocols/cams/signatures.ts';
import type { CamsRequest } from '../../../src/protocols/cams/signatures.ts';

const own = new URL('captured/', import.meta.url);
const shared = new URL('../../../../shared/spec/cams-vectors/', import.meta.url);
const secret = 'testAccessKeySecret';

interface Captured {
  readonly method: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function read(raw: Buffer): Captured {
  const end = raw.indexOf('\r\n\r\n');
  const [first = '', ...lines] = raw.subarray(0, end).toString('latin1').split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const rest = raw.subarray(end + 4);
  const body = /chunked/i.test(headers['transfer-encoding'] ?? '') ? unchunk(rest) : rest;
  return { method, query: target.split('?')[1] ?? '', headers, body };
}

function unchunk(raw: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = raw.indexOf('\r\n', at);
    const size = Number.parseInt(raw.subarray(at, end).toString(), 16);
    if (!(size > 0)) return Buffer.concat(parts);
    parts.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

function isGood(captured: Captured): boolean {
  try {
    const isForm = captured.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
    const request: CamsRequest = {
      method: captured.method,
      query: decodePairs(Buffer.from(captured.query)),
      form: isForm ? decodePairs(Buffer.from(captured.body)) : [],
      headers: captured.headers,
    };
    return (
      checkSignature(secret, readCredentials(request)).isSigned &&
      (isRpc(request) || isBodyOf(request, captured.body))
    );
  } catch (error) {
    if (error instanceof CamsError) return false;
    throw error;
  }
}

/** Every text of the request that a signature has to cover, changed at each byte in turn. */
function* toForgeries(captured: Captured): Generator<Captured> {
  for (const method of ['PUT', captured.method === 'GET' ? 'POST' : 'GET']) yield { ...captured, method };
  for (let at = 0; at < captured.query.length; at += 1)
    yield { ...captured, query: change(captured.query, at) };
  for (let at = 0; at < captured.body.byteLength; at += 1) {
    const body = Buffer.from(captured.body);
    body.writeUInt8(body.readUInt8(at) ^ 1, at);
    yield { ...captured, body };
  }
  const list = /SignedHeaders=([^,]+)/.exec(captured.headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  for (const name of [...list, ...(list.length > 0 ? ['authorization'] : [])]) {
    const value = captured.headers[name] ?? '';
    // Whose key it claims to be is looked up, not signed.
    const from = name === 'authorization' ? value.indexOf('SignedHeaders=') : 0;
    for (let at = from; at < value.length; at += 1)
      yield { ...captured, headers: { ...captured.headers, [name]: change(value, at) } };
  }
}

function change(text: string, at: number): string {
  return `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
}

describe('captured requests', () => {
  assertSigned(own, 6);
});

describe(
  'captured requests of more SDKs',
  { skip: existsSync(shared) ? false : 'the vectors are not here' },
  () => {
    if (existsSync(shared)) assertSigned(shared, 19);
  },
);

function assertSigned(folder: URL, count: number): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.raw'));

  it('are all there', () => assert.equal(names.length, count));

  for (const name of names) {
    it(`${name} is signed, and not with any byte changed`, () => {
      const captured = read(readFileSync(new URL(name, folder)));
      assert.ok(isGood(captured));
      let forgeries = 0;
      for (const forged of toForgeries(captured)) {
        forgeries += 1;
        assert.ok(!isGood(forged), JSON.stringify({ query: forged.query, headers: forged.headers }));
      }
      assert.ok(forgeries > 200);
    });
  }
}

/** RFC 3986, as the SDKs write it. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

describe('a form with a long value, signed as a whole', () => {
  const values = ['*', 'é', 'a😀', '😀', ` ~-_.!'()&=+%`, 'x', '中'];
  for (const value of values)
    for (const length of [16 * 1024, 16 * 1024 + 1, 100_000])
      it(`of ${value}, ${length} characters or so`, () => {
        const form = [
          ['AccessKeyId', 'id'],
          ['Action', 'A'],
          ['SignatureNonce', '1'],
          ['Timestamp', '2026-11-28T00:00:00Z'],
          ['x', value.repeat(Math.ceil(length / value.length))],
        ] as const;
        const query = form.map(([name, text]) => `${encode(name)}=${encode(text)}`).join('&');
        const signature = createHmac('sha1', `${secret}&`)
          .update(`POST&%2F&${encode(query)}`)
          .digest('base64');
        const isSigned = (given: string): boolean => {
          const request = {
            method: 'POST',
            query: [],
            form: [...form, ['Signature', given] as const],
            headers: {},
          };
          return checkSignature(secret, readCredentials(request)).isSigned;
        };
        assert.ok(isSigned(signature));
        assert.ok(!isSigned(createHmac('sha1', 'other').update('').digest('base64')));
      });
});
