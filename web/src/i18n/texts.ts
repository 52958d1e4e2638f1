import type { en } from './en.ts';

/** The name of a text; both tables have them all. */
export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;

/** What a text's `{names}` are filled in with. */
export type Params = Readonly<Record<string, string | number>>;

/** Fills `{name}` in; a name without a value stays as it is written. */
export function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    return value === undefined ? whole : String(value);
  });
}
