import { Card, Input } from 'antd';
import { useState } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { Page } from '../ui/page.tsx';
import { glossary } from './glossary-texts.ts';

/** What the console's words mean; each has an address of its own (`#lane`). */
export function Glossary() {
  const { t, language } = useLanguage();
  const [wanted, setWanted] = useState('');
  const text = wanted.trim().toLowerCase();
  const groups = glossary[language]
    .map(({ title, terms }) => ({
      title,
      terms: terms.filter(({ word, meaning }) => `${word} ${meaning}`.toLowerCase().includes(text)),
    }))
    .filter(({ terms }) => terms.length > 0);
  return (
    <Page title={t('glossary.title')} hint={t('glossary.hint')}>
      <Input.Search
        className="narrow"
        allowClear
        value={wanted}
        aria-label={t('glossary.find')}
        placeholder={t('glossary.find')}
        onChange={(event) => {
          setWanted(event.target.value);
        }}
      />
      {groups.length === 0 && <p role="status">{t('glossary.none')}</p>}
      {groups.map(({ title, terms }) => (
        <Card key={title}>
          <h2 className="section-head">{title}</h2>
          <dl className="terms">
            {terms.map(({ id, word, meaning }) => (
              <div key={id} id={id}>
                <dt>{word}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </Card>
      ))}
    </Page>
  );
}
