import { useEffect, useRef, useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Receipt } from '../../api/model.ts';
import { useTail } from '../../api/tail.ts';
import type { TailFilter } from '../../api/tail.ts';

/** So far back receipts show that came before the page was opened, and so many of them at most. */
const recentMs = 10 * 60_000;
const maxRecent = 100;
/** What is kept to be looked through; the lists have everything. */
const maxKept = 500;

function toKey({ type, channelId, senderId }: TailFilter): string {
  return JSON.stringify([type, channelId, senderId]);
}

/** Adds receipts to a list, newest first, each once. */
function merge(list: readonly Receipt[], more: readonly Receipt[]): readonly Receipt[] {
  const known = new Set(more.map(({ receiptId }) => receiptId));
  return [...more, ...list.filter(({ receiptId }) => !known.has(receiptId))]
    .toSorted((one, other) => Date.parse(other.recordedAt) - Date.parse(one.recordedAt))
    .slice(0, maxKept);
}

/**
 * The receipts of the last minutes, and those that come, newest first. What came while nobody was connected is among them after the
 * next connection. While `isPaused`, what comes is kept apart.
 */
export function useLatest(filter: TailFilter, isPaused = false) {
  const key = toKey(filter);
  const [shown, setShown] = useState<readonly Receipt[]>([]);
  const [held, setHeld] = useState<readonly Receipt[]>([]);
  const [hasSkipped, setSkipped] = useState(false);
  const [lastKey, setLastKey] = useState(key);
  if (lastKey !== key) {
    setLastKey(key);
    setShown([]);
    setHeld([]);
    setSkipped(false);
  }
  const asked = useRef(key);
  // Nothing from before this shows again once the list was cleared.
  const clearedAt = useRef(0);
  useEffect(() => {
    asked.current = key;
  });
  const add = (more: readonly Receipt[]): void => {
    (isPaused ? setHeld : setShown)((list) => merge(list, more));
  };
  const loadRecent = async (): Promise<void> => {
    const since = new Date(Math.max(Date.now() - recentMs, clearedAt.current)).toISOString();
    const query = { ...filter, since, limit: maxRecent };
    // The tail says by itself when the service is not there; then it is asked again.
    const found = await take(api.GET('/api/v1/receipts', { params: { query } })).catch(() => null);
    if (found !== null && asked.current === key) add(found.items);
  };
  const state = useTail(filter, {
    receipt: (receipt) => {
      add([receipt]);
    },
    ready: () => void loadRecent(),
    skipped: () => {
      setSkipped(true);
    },
  });
  return {
    state,
    shown,
    held,
    hasSkipped,
    /** Shows what was kept apart. */
    release: (): void => {
      setShown((list) => merge(list, held));
      setHeld([]);
    },
    clear: (): void => {
      clearedAt.current = Date.now();
      setShown([]);
      setSkipped(false);
    },
  };
}
