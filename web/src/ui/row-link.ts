import type { MouseEvent } from 'react';

/** What of a row is there for itself: a click on it is not one on the row. */
const own =
  'a, button, input, label, select, textarea, summary, [role="button"], .ant-select, .ant-checkbox-wrapper';

/** Whether a click ends the marking of text, which is not to lead away from it. */
function hasMarked(row: HTMLElement): boolean {
  const selection = globalThis.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(row, true);
}

/**
 * A row that opens by a click anywhere as its link marked `data-opens` does; with Ctrl, Cmd, Shift or the middle button in a tab of its
 * own. The keyboard, and whoever hears the page, have the link.
 */
function open(event: MouseEvent<HTMLElement>): void {
  const { currentTarget: row, target, button } = event;
  const link = row.querySelector<HTMLAnchorElement>('a[data-opens]');
  if (link === null || event.defaultPrevented || button > 1) return;
  if (!(target instanceof Element) || target.closest(own) !== null || hasMarked(row)) return;
  if (button === 1 || event.ctrlKey || event.metaKey || event.shiftKey)
    globalThis.open(link.href, '_blank', 'noopener');
  else link.click();
}

export const opensByItsLink = { onClick: open, onAuxClick: open } as const;
