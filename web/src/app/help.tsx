import { Link } from '@tanstack/react-router';
import { Dropdown } from 'antd';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { findHelp } from './help-topics.ts';

/** What to read about the page at `path`: its documentation, the operations of the API that do the same, and the words. */
export function HelpMenu({ path, children }: { path: string; children: ReactNode }) {
  const t = useTexts();
  // It was asked for before it came, and so it opens at once.
  const [isOpen, setOpen] = useState(true);
  const { doc, heading, operations } = findHelp(path);
  return (
    <Dropdown
      open={isOpen}
      onOpenChange={setOpen}
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'page',
            label: (
              <Link to="/docs/$page" params={{ page: doc }} {...(heading !== undefined && { hash: heading })}>
                {t('help.page')}
              </Link>
            ),
          },
          {
            key: 'glossary',
            label: <Link to="/glossary">{t('glossary.title')}</Link>,
          },
          { key: 'docs', label: <Link to="/docs">{t('help.docs')}</Link> },
          { type: 'divider' },
          { key: 'api', label: <Link to="/api">{t('api.title')}</Link> },
          ...operations.map((operationId) => ({
            key: operationId,
            label: (
              <Link to="/api/$operationId" params={{ operationId }}>
                <code>{operationId}</code>
              </Link>
            ),
          })),
        ],
      }}
    >
      {children}
    </Dropdown>
  );
}
