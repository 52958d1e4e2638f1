// JSON as vendors write it: long integers, deep nesting, and times in every spelling.
import { cutDeep, maxJsonDepth } from '../../domain/json-depth.ts';
import { parseNumbersExactly } from '../../domain/json-numbers.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/**
 * Reads JSON with numbers of {@link parseNumbersExactly} and with null for what is nested more than 64 levels deep.
 * Strings and names are of {@link toWellFormedJson}. Undefined for what is no JSON.
 */
export function tryParseJson(body: Buffer): Json | undefined {
  try {
    return parseJson(body);
  } catch {
    // Whoever asks says what it means that there is none.
    return undefined;
  }
}

function parseJson(body: Buffer): Json {
  return parseNumbersExactly(toWellFormedJson(cutDeep(body.toString('utf8'), maxJsonDepth))) as Json;
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
