import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useRouterState } from '@tanstack/react-router';
import { Card } from 'antd';
import Markdown from 'markdown-to-jsx/react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Problem } from '../../api/client.ts';
import { toSlug } from './slug.ts';

/** The pages of the documentation as they lie in `docs/`, each with its own script. */
const files = import.meta.glob<string>('../../../../docs/*.md', { query: '?raw', import: 'default' });

function find(name: string): (() => Promise<string>) | undefined {
  return files[`../../../../docs/${name}.md`];
}

/** A page of the documentation of the very version that runs; it is in English. */
export function DocPage() {
  const t = useTexts();
  const { page = 'README' } = useParams({ strict: false });
  const doc = useQuery({
    queryKey: ['doc', page],
    staleTime: Infinity,
    queryFn: async () => {
      const text = await find(page)?.();
      if (text === undefined) throw new Problem(404, 'not_found', '');
      return text;
    },
  });
  const title = /^# (.+)$/m.exec(doc.data ?? '')?.[1];
  return (
    <Page
      title={title ?? t('help.docs')}
      titleLang={title === undefined ? undefined : 'en'}
      crumbs={page === 'README' ? [] : [{ text: t('help.docs'), to: '/docs' }]}
    >
      <Answered of={doc} rows={14}>
        {(text) => <Text text={text.replace(/^# .+\n/, '')} />}
      </Answered>
    </Page>
  );
}

function Text({ text }: { text: string }) {
  const hash = useRouterState({ select: ({ location }) => location.hash });
  useEffect(() => {
    if (hash !== '') findPlace(hash)?.scrollIntoView();
  }, [hash]);
  return (
    <Card>
      <div lang="en" className="doc">
        <Markdown
          options={{
            disableParsingRawHTML: true,
            slugify: toSlug,
            overrides: { a: DocLink, img: Picture, pre: Scrolled, table: ScrolledTable },
          }}
        >
          {text}
        </Markdown>
      </div>
    </Card>
  );
}

/** A heading by its name, or the row of a table by the code that it begins with, such as a kind of notice. */
function findPlace(hash: string): Element | null {
  const heading = document.getElementById(hash);
  if (heading !== null) return heading;
  const codes = [...document.querySelectorAll('.doc td:first-child > code')];
  return codes.find(({ textContent }) => textContent === hash)?.closest('tr') ?? null;
}

/** A link of the documentation: to another page of it, to a place in it, or out; what is not here is named. */
function DocLink({ href = '', children }: { href?: string; children?: ReactNode }) {
  const [file = '', hash] = href.split('#');
  const name = file.replace(/\.md$/, '');
  if (/^https?:/.test(href))
    return (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  if (file === '') return <a href={href}>{children}</a>;
  if (find(name) === undefined) return <code>{children}</code>;
  return (
    <Link to="/docs/$page" params={{ page: name }} {...(hash !== undefined && { hash })}>
      {children}
    </Link>
  );
}

/** Pictures stay in the repository. */
function Picture({ alt = '' }: { alt?: string }) {
  return <em>{alt}</em>;
}

function Scrolled({ children }: { children?: ReactNode }) {
  return <pre tabIndex={0}>{children}</pre>;
}

function ScrolledTable({ children }: { children?: ReactNode }) {
  return <table tabIndex={0}>{children}</table>;
}
