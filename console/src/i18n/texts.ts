import type { en } from './en.ts';

/** The name of a text; both tables have them all. */
export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
