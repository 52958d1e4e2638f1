import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

/** The sections of a page as links, the open one below them; each has its own address. Of one that is not there: `otherwise`, or the first. */
export function Sections({
  label,
  open,
  items,
  toLink,
  otherwise,
}: {
  label: string;
  open: string;
  items: readonly { readonly key: string; readonly label: string; readonly children: ReactNode }[];
  toLink: (key: string, text: string, isOpen: boolean) => ReactNode;
  otherwise?: ReactNode;
}) {
  const found = items.find(({ key }) => key === open);
  const shown = found ?? (otherwise === undefined ? items[0] : undefined);
  const bar = useRef<HTMLElement>(null);
  // On a phone the bar is wider than the screen, and the open section may stand beyond its end.
  useEffect(() => {
    const link = bar.current?.querySelector<HTMLElement>('.section-open');
    if (bar.current !== null && link != null)
      bar.current.scrollLeft = link.offsetLeft - (bar.current.clientWidth - link.offsetWidth) / 2;
  }, [shown?.key]);
  return (
    <>
      <nav ref={bar} className="sections" aria-label={label}>
        {items.map(({ key, label: text }) => (
          <span key={key} className={key === shown?.key ? 'section-link section-open' : 'section-link'}>
            {toLink(key, text, key === shown?.key)}
          </span>
        ))}
      </nav>
      {shown === undefined ? otherwise : shown.children}
    </>
  );
}
