import { Button } from 'antd';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTexts } from '../i18n/language.tsx';

/** Its script is loaded when it is first asked for. */
const Palette = lazy(() => import('./palette.tsx').then((module) => ({ default: module.Palette })));

/** Whoever sits at a Mac presses another key. */
const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Small enough for the first script, in which the icons' own would be the largest part of this. */
function Lens() {
  return (
    <svg className="lens" viewBox="0 0 16 16" aria-hidden>
      <circle cx="7" cy="7" r="5" />
      <path d="m11 11 4 4" />
    </svg>
  );
}

/** Opens the search over everything; so does Ctrl+K or ⌘K on every page. */
export function SearchButton({ isWide }: { isWide: boolean }) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isAsked = (isMac ? event.metaKey : event.ctrlKey) && event.key.toLowerCase() === 'k';
      if (!isAsked || event.altKey || event.shiftKey) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
    };
  }, []);
  return (
    <>
      <Button
        type={isWide ? 'default' : 'text'}
        icon={<Lens />}
        aria-label={isWide ? undefined : t('search.title')}
        aria-keyshortcuts={isMac ? 'Meta+K' : 'Control+K'}
        className={isWide ? 'search-button' : undefined}
        onClick={() => {
          setOpen(true);
        }}
      >
        {isWide && (
          <>
            <span>{t('search.title')}</span>
            <kbd aria-hidden>{isMac ? '⌘K' : 'Ctrl K'}</kbd>
          </>
        )}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <Palette
            onClose={() => {
              setOpen(false);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
