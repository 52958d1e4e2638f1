import { createContext, use, useCallback, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Locale } from 'antd/es/locale/index.js';
import { keep, readKept } from '../ui/local-storage.ts';
import { tellBy } from './findings.ts';
import type { FindingTexts, TellFinding } from './findings.ts';
import { fill } from './texts.ts';
import type { Params, TextKey, Texts } from './texts.ts';

const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];
/** Gives a text in the reader's language, its `{names}` filled in. */
export type Translate = (key: TextKey, params?: Params) => string;

/** The texts of a language, and its words for the components. */
interface Loaded {
  readonly language: Language;
  readonly texts: Texts;
  /** What the service found, by its codes; null in English, which it tells itself. */
  readonly findings: FindingTexts | null;
  readonly antd: Locale;
}

interface LanguageValue extends Loaded {
  readonly t: Translate;
  readonly setLanguage: (language: Language) => void;
}

const LanguageContext = createContext<LanguageValue | null>(null);
const storageKey = 'chasqui.language';

async function load(language: Language): Promise<Loaded> {
  if (language === 'zh') {
    const [{ zh }, { findingsZh }, antd] = await Promise.all([
      import('./zh.ts'),
      import('../../../src/domain/findings-zh.ts'),
      import('antd/es/locale/zh_CN.js'),
    ]);
    return { language, texts: zh, findings: findingsZh, antd: antd.default };
  }
  const [{ en }, antd] = await Promise.all([import('./en.ts'), import('antd/es/locale/en_US.js')]);
  return { language, texts: en, findings: null, antd: antd.default };
}

/** Gets the texts that the page begins with. Throws when their script does not come. */
export function loadFirst(): Promise<Loaded> {
  return load(chooseLanguage());
}

/** The language that the reader chose here before, else the browser's first that there is. */
function chooseLanguage(): Language {
  const stored = readKept(storageKey);
  const wanted = stored === null ? navigator.languages : [stored];
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? 'en';
}

function isLanguage(text: string): text is Language {
  return (languages as readonly string[]).includes(text);
}

/** Tells the pages below in the `first` language, and in another from when the reader chooses it. */
export function LanguageProvider({ first, children }: { first: Loaded; children: ReactNode }) {
  const [loaded, setLoaded] = useState(first);
  const [wanted, setWanted] = useState(first.language);

  useEffect(() => {
    document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
    if (wanted === loaded.language) return;
    let isCurrent = true;
    void load(wanted).then((value) => {
      if (isCurrent) setLoaded(value);
    });
    return () => {
      isCurrent = false;
    };
  }, [wanted, loaded]);

  const setLanguage = useCallback((language: Language) => {
    keep(storageKey, language);
    setWanted(language);
  }, []);
  const value = useMemo<LanguageValue>(
    () => ({ ...loaded, setLanguage, t: (key, params) => fill(loaded.texts[key], params) }),
    [loaded, setLanguage],
  );
  return <LanguageContext value={value}>{children}</LanguageContext>;
}

/** The reader's language, its texts, and how to change it. */
export function useLanguage(): LanguageValue {
  const value = use(LanguageContext);
  if (value === null) throw new Error('There is no LanguageProvider above.');
  return value;
}

/** Tells what the service found in the reader's language, and in English what that has no text for. */
export function useFindings(): TellFinding {
  return tellBy(useLanguage().findings);
}

/** Just the texts. */
export function useTexts(): Translate {
  return useLanguage().t;
}
