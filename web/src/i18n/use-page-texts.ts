import { useLanguage } from './language.tsx';
import { pageTexts } from './page-texts.ts';
import type { PageTextKey } from './page-texts.ts';
import { fill } from './texts.ts';
import type { Params, TextKey } from './texts.ts';

/** Gives the texts that every page has, and those of the settings, the reference of the API and the portal. */
export type TranslatePage = (key: TextKey | PageTextKey, params?: Params) => string;

export function usePageTexts(): TranslatePage {
  const { language, t } = useLanguage();
  const own: Readonly<Partial<Record<string, string>>> = pageTexts[language];
  return (key, params) => {
    const text = own[key];
    return text === undefined ? t(key as TextKey, params) : fill(text, params);
  };
}
