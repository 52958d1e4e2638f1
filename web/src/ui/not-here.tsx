import type { ReactNode } from 'react';

/** Stands in the place of what is not there, with where to go instead. */
export function NotHere({ title, hint, children }: { title: string; hint: string; children?: ReactNode }) {
  return (
    <div className="not-here">
      <h1 className="page-title">{title}</h1>
      <p className="quiet">{hint}</p>
      {children}
    </div>
  );
}
