import { useCallback, useSyncExternalStore } from 'react';

/** Where tables become cards, and filters fold. */
export const phoneWidth = '(max-width: 575px)';

/** Whether a media query holds, known before the first frame and followed from then on. */
export function useMedia(query: string): boolean {
  const watch = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => {
        list.removeEventListener('change', listener);
      };
    },
    [query],
  );
  return useSyncExternalStore(watch, () => matchMedia(query).matches);
}
