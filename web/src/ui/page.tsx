import { Breadcrumb, Typography } from 'antd';
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
  crumbs = [],
  hint,
  actions,
  children,
}: {
  title: string;
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
          items={[...crumbs.map(({ text, to }) => ({ title: <Link to={to}>{text}</Link> })), { title }]}
        />
      )}
      <div className="page-head">
        <Typography.Title level={1} className="page-title">
          {title}
        </Typography.Title>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {hint && <Typography.Paragraph type="secondary">{hint}</Typography.Paragraph>}
      {children}
    </div>
  );
}
