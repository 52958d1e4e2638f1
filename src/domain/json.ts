// What is read of JSON that others write: members in any case, numbers for texts, and nothing that cannot be kept.
import { parseNumbersExactly } from './json-numbers.ts';
import { invalid } from './refusal.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const maxDepth = 32;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads JSON text; a number that cannot be kept as one is a text, and every string has to be storable. Throws a refusal that names it. */
export function parseDocument(name: string, text: string): unknown {
  let value: unknown;
  try {
    value = parseNumbersExactly(text);
  } catch {
    throw invalid(name, 'is not JSON');
  }
  requireStorable(name, value);
  return value;
}

/** Throws a refusal for a text anywhere in a value, names of members included, that a store cannot keep, and for one nested too deeply. */
export function requireStorable(name: string, value: unknown, depth = 0): void {
  if (depth > maxDepth) throw invalid(name, 'is nested too deeply');
  if (typeof value === 'string') requireStorableText(name, value);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      requireStorableText(name, key);
      requireStorable(name, inner, depth + 1);
    }
}

/** The same for one text. */
export function requireStorableText(name: string, value: string): void {
  if (value.includes('\0') || !value.isWellFormed())
    throw invalid(name, 'holds a NUL or half a character, which cannot be sent');
}

/** A member in whatever case its name is written; an empty text and null count as not there. */
export function member(object: JsonObject, name: string): unknown {
  const wanted = name.toLowerCase();
  for (const [key, value] of Object.entries(object))
    if (key.toLowerCase() === wanted && value !== '' && value !== null) return value;
  return undefined;
}

/** A member as text: a number or a boolean is written out. Throws a refusal for anything nested. */
export function textMember(object: JsonObject, name: string): string | undefined {
  const value = member(object, name);
  if (value === undefined) return undefined;
  const text = toScalar(value);
  if (text === undefined) throw invalid(name, 'has to be text');
  return text;
}

/** A text, number or boolean as text; undefined for anything else. */
export function toScalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A map of texts, e.g. of variables; numbers and booleans are written out. Throws a refusal for anything nested. */
export function toTexts(name: string, object: JsonObject | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(object ?? {}).map(([key, value]) => {
      const text = value === null || value === undefined ? '' : toScalar(value);
      if (text === undefined) throw invalid(name, `has to hold text under ${key}`);
      return [key, text];
    }),
  );
}
