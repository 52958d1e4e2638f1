import { App, ConfigProvider, theme as antdTheme } from 'antd';
import type { ThemeConfig } from 'antd';
import { createContext, use, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { keep, readKept } from '../ui/local-storage.ts';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

interface ThemeValue {
  readonly choice: ThemeChoice;
  readonly isDark: boolean;
  readonly setChoice: (choice: ThemeChoice) => void;
}

const ThemeContext = createContext<ThemeValue | null>(null);
const storageKey = 'chasqui.theme';
const reducedMotionQuery = matchMedia('(prefers-reduced-motion: reduce)');
const darkQuery = matchMedia('(prefers-color-scheme: dark)');

function watchSystem(listener: () => void): () => void {
  darkQuery.addEventListener('change', listener);
  return () => {
    darkQuery.removeEventListener('change', listener);
  };
}

function readChoice(): ThemeChoice {
  const stored = readKept(storageKey);
  return themeChoices.find((choice) => choice === stored) ?? 'system';
}

/** Colours are chosen so that every text has a contrast of 4.5 to its ground (WCAG 2.2 AA); antd's own are a little paler. */
const light: ThemeConfig = {
  algorithm: antdTheme.defaultAlgorithm,
  token: {
    colorPrimary: '#0b5cd6',
    colorInfo: '#0b5cd6',
    colorLink: '#0b5cd6',
    colorSuccess: '#1a7f37',
    colorSuccessText: '#17702f',
    colorWarning: '#b45309',
    colorWarningText: '#8f4207',
    colorError: '#c8262c',
    colorErrorText: '#b32025',
    colorTextSecondary: 'rgba(0, 0, 0, 0.68)',
    colorTextTertiary: 'rgba(0, 0, 0, 0.62)',
    colorTextDescription: 'rgba(0, 0, 0, 0.62)',
    colorTextPlaceholder: 'rgba(0, 0, 0, 0.58)',
    colorBgLayout: '#f4f6f9',
  },
};

const dark: ThemeConfig = {
  algorithm: antdTheme.darkAlgorithm,
  token: {
    colorPrimary: '#2a6fdb',
    colorInfo: '#4d8df0',
    colorLink: '#79b0ff',
    colorLinkHover: '#a3c9ff',
    colorSuccess: '#3fb950',
    colorWarning: '#e3a008',
    colorError: '#e5484d',
    colorErrorText: '#ff8a8d',
    colorTextSecondary: 'rgba(255, 255, 255, 0.75)',
    colorTextTertiary: 'rgba(255, 255, 255, 0.66)',
    colorTextDescription: 'rgba(255, 255, 255, 0.66)',
    colorTextPlaceholder: 'rgba(255, 255, 255, 0.6)',
    colorBgLayout: '#0d1117',
    colorBgContainer: '#161b22',
    colorBgElevated: '#1f2630',
  },
};

/** Light or dark as the reader chose, else as the system is. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const { antd } = useLanguage();
  const [choice, setStored] = useState(readChoice);
  const isSystemDark = useSyncExternalStore(watchSystem, () => darkQuery.matches);
  const isDark = choice === 'system' ? isSystemDark : choice === 'dark';

  useEffect(() => {
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
  }, [isDark]);

  const setChoice = useCallback((value: ThemeChoice) => {
    keep(storageKey, value);
    setStored(value);
  }, []);
  const value = useMemo(() => ({ choice, isDark, setChoice }), [choice, isDark, setChoice]);
  const base = isDark ? dark : light;
  const config: ThemeConfig = {
    ...base,
    hashed: false,
    token: {
      ...base.token,
      borderRadius: 6,
      // Asked of the library itself: animations cut short from outside leave its popups where they began.
      motion: !reducedMotionQuery.matches,
      fontFamily:
        "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', 'Noto Sans SC', 'Helvetica Neue', Arial, sans-serif",
      fontFamilyCode: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    },
    components: {
      Layout: {
        headerBg: isDark ? '#161b22' : '#ffffff',
        siderBg: isDark ? '#161b22' : '#ffffff',
        headerHeight: 56,
        headerPadding: '0 16px',
      },
      Menu: isDark
        ? {
            itemSelectedColor: '#a3c9ff',
            itemBg: 'transparent',
            subMenuItemBg: 'transparent',
            itemSelectedBg: '#1d2f4a',
          }
        : { itemBg: 'transparent', subMenuItemBg: 'transparent' },
      Table: { cellPaddingBlock: 10 },
      Segmented: isDark ? { trackBg: '#0a0d12', itemSelectedBg: '#2f3946' } : { trackBg: '#e6e9ee' },
      Tabs: isDark ? { itemSelectedColor: '#79b0ff', inkBarColor: '#79b0ff', itemHoverColor: '#a3c9ff' } : {},
    },
  };
  return (
    <ThemeContext value={value}>
      <ConfigProvider locale={antd} theme={config} button={{ autoInsertSpace: false }}>
        <App message={{ maxCount: 3 }}>{children}</App>
      </ConfigProvider>
    </ThemeContext>
  );
}

/** Which theme is shown, and how to choose another. */
export function useTheme(): ThemeValue {
  const value = use(ThemeContext);
  if (value === null) throw new Error('There is no ThemeProvider above.');
  return value;
}
