import { useState } from 'react';

/**
 * What a form shows of something that others may change as well. The form keeps to the version that it was filled from, however
 * often it is read meanwhile; `showNow` reads it again and fills the form anew.
 */
export function useSeen(refetch: () => Promise<unknown>): { filling: number; showNow: () => void } {
  const [filling, setFilling] = useState(0);
  const showNow = () => {
    void refetch().then(() => {
      setFilling((count) => count + 1);
    });
  };
  return { filling, showNow };
}

/**
 * The version that a form changes: the newest that says the same as what the form was filled from, by `toShown`, and after a save the
 * one that it made.
 */
export function useVersion<T extends { readonly version: string }>(
  now: T,
  toShown: (it: T) => unknown = ({ version: _version, ...rest }) => rest,
) {
  const [filledFrom, setFilledFrom] = useState(now);
  const isSame = JSON.stringify(toShown(now)) === JSON.stringify(toShown(filledFrom));
  return {
    header: { 'if-match': (isSame ? now : filledFrom).version },
    saved: (made: T) => {
      setFilledFrom(made);
    },
  };
}
