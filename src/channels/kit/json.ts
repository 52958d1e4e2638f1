// What Meta's channels share: the handshake, the signature, the envelope, and times in every spelling (docs/protocols/meta.md).
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Channel } from '../../domain/channel.ts';
import { cutDeep, maxJsonDepth } from '../../domain/json-depth.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';
import type { WebhookHead, WebhookRequest } from '../channel.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Answers the verification handshake: the challenge to echo, or undefined when mode or token are wrong. */
export function answerChallenge(channel: Channel, query: WebhookRequest['query']): string | undefined {
  const token = query['hub.verify_token'];
  const challenge = query['hub.challenge'];
  const expected = channel.credentials['verifyToken'];
  if (query['hub.mode'] !== 'subscribe' || typeof token !== 'string' || typeof challenge !== 'string')
    return undefined;
  if (expected === undefined || expected === '' || !isEqual(token, expected)) return undefined;
  return challenge;
}

/** Whether there is an X-Hub-Signature-256 in its form. */
export function hasSignature(_channel: Channel, { headers }: WebhookHead): boolean {
  return readSignature(headers) !== undefined;
}

/** The digits of the signature; undefined where it is in another form. */
function readSignature(headers: WebhookHead['headers']): string | undefined {
  const header = headers['x-hub-signature-256'];
  return typeof header === 'string' && /^sha256=[0-9a-f]{64}$/i.test(header) ? header.slice(7) : undefined;
}

/** Whether X-Hub-Signature-256 was made over these bytes with the app secret, or with the one before it. */
export function isSigned(channel: Channel, { headers, body }: WebhookRequest): boolean {
  const digits = readSignature(headers);
  if (digits === undefined || body.byteLength === 0) return false;
  const given = Buffer.from(digits, 'hex');
  const secrets = [channel.credentials['appSecret'], channel.credentials['appSecretPrevious']];
  return secrets
    .filter((secret) => secret !== undefined && secret !== '')
    .map((secret) =>
      timingSafeEqual(
        createHmac('sha256', secret ?? '')
          .update(body)
          .digest(),
        given,
      ),
    )
    .includes(true);
}

/** What every call carries when the app is set to ask for the proof of its secret; the channel says so by its option. */
export function proofOf({ credentials, options }: Channel): { readonly appSecret?: string } {
  const { appSecret } = credentials;
  return options['appSecretProof'] === true && appSecret !== undefined ? { appSecret } : {};
}

/**
 * Reads JSON with integers above 2^53 kept digit by digit, as strings, and with null for what is nested more than 64 levels deep.
 * Strings and names are of {@link toWellFormedJson}. Throws SyntaxError.
 */
export function parseJson(body: Buffer): Json {
  const text = toWellFormedJson(cutDeep(body.toString('utf8'), maxJsonDepth));
  // A reviver makes parsing many times slower, so it runs only where a number is that long.
  if (!/[:[,]\s*-?\d{16}/.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, (_key, value: Json, context?: { source?: string }) =>
    typeof value === 'number' &&
    context?.source !== undefined &&
    /^-?\d{16,}$/.test(context.source) &&
    !Number.isSafeInteger(value)
      ? context.source
      : value,
  ) as Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of an array; what is no object, and what is no array, is left out. */
export function toObjects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter(isObject) : [];
}

/** A string, or a number written out; undefined for anything else and for an empty string. */
export function toText(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The end of the year 9999; what lies beyond is no time that anybody meant. */
const latestTime = 253_402_300_799_999;

/** Epoch milliseconds of a time in seconds, in milliseconds, as text or number, or as an ISO date; undefined when it is none. */
export function toTime(value: Json | undefined): number | undefined {
  const ms = toMilliseconds(value);
  return ms >= 0 && ms <= latestTime ? ms : undefined;
}

function toMilliseconds(value: Json | undefined): number {
  if (typeof value === 'string' && !/^\d+(\.\d+)?$/.test(value)) return Date.parse(value);
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Math.round(number >= 1e12 ? number : number * 1000);
}

/** JSON with the keys of every object in order, so that the same value always reads the same. */
export function toCanonicalJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(toCanonicalJson).join()}]`;
  if (!isObject(value)) return JSON.stringify(value ?? null);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${toCanonicalJson(value[key])}`);
  return `{${members.join()}}`;
}

/** The object without the named members and without what is undefined. */
export function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => !names.includes(name) && name !== '__proto__'),
  );
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
