import { Breadcrumb } from 'antd';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

interface Crumb {
  readonly text: string;
  readonly to: string;
}

/** A page's frame: where it stands, what it is called, what can be done at once. Names the window too. */
export function Page({
  title,
  titleLang,
  heading = title,
  crumbs = [],
  hint,
  actions,
  children,
}: {
  title: string;
  /** The language of the title where it is not the reader's. */
  titleLang?: string | undefined;
  /** What stands on top where that is more than the title. */
  heading?: ReactNode;
  crumbs?: readonly Crumb[];
  hint?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Chasqui`;
  }, [title]);
  return (
    <div className="page">
      {crumbs.length > 0 && (
        <Breadcrumb
          items={[
            ...crumbs.map(({ text, to }) => ({ title: <Link to={to}>{text}</Link> })),
            { title: <span lang={titleLang}>{title}</span> },
          ]}
        />
      )}
      <div className="page-head">
        <h1 className="page-title" lang={titleLang}>
          {heading}
        </h1>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {hint && <p className="quiet">{hint}</p>}
      {children}
    </div>
  );
}
