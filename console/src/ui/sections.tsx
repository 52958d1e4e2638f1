import type { ReactNode } from 'react';

/** The sections of a page as links, the open one below them; each has its own address. */
export function Sections({
  label,
  open,
  items,
  toLink,
}: {
  label: string;
  open: string;
  items: readonly { readonly key: string; readonly label: string; readonly children: ReactNode }[];
  toLink: (key: string, text: string, isOpen: boolean) => ReactNode;
}) {
  const shown = items.find(({ key }) => key === open) ?? items[0];
  return (
    <>
      <nav className="sections" aria-label={label}>
        {items.map(({ key, label: text }) => (
          <span key={key} className={key === shown?.key ? 'section-link section-open' : 'section-link'}>
            {toLink(key, text, key === shown?.key)}
          </span>
        ))}
      </nav>
      {shown?.children}
    </>
  );
}
