import { useEffect, useRef, useState } from 'react';
import type { Receipt } from './model.ts';

type TailState = 'connecting' | 'open';

export interface TailFilter {
  readonly type?: Receipt['type'] | undefined;
  readonly channelId?: string | undefined;
  readonly senderId?: string | undefined;
}

/**
 * Receipts as they come, by server-sent events; the browser connects again by itself. `ready`: all that is recorded from now on is
 * told, after each connection; `skipped`: more came than is shown.
 */
export function useTail(
  filter: TailFilter,
  on: {
    readonly receipt: (receipt: Receipt) => void;
    readonly ready: () => void;
    readonly skipped?: () => void;
  },
): TailState {
  const [state, setState] = useState<TailState>('connecting');
  const handlers = useRef(on);
  useEffect(() => {
    handlers.current = on;
  });
  const { type, channelId, senderId } = filter;
  useEffect(() => {
    const query = new URLSearchParams();
    if (type !== undefined) query.set('type', type);
    if (channelId !== undefined) query.set('channelId', channelId);
    if (senderId !== undefined) query.set('senderId', senderId);
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      setState('connecting');
      const opened = new EventSource(`/api/v1/tail?${query.toString()}`);
      source = opened;
      opened.addEventListener('open', () => {
        setState('open');
      });
      opened.addEventListener('receipt', (event: MessageEvent<string>) => {
        handlers.current.receipt(JSON.parse(event.data) as Receipt);
      });
      opened.addEventListener('ready', () => {
        handlers.current.ready();
      });
      opened.addEventListener('skipped', () => handlers.current.skipped?.());
      opened.addEventListener('error', () => {
        setState('connecting');
        // Refused, not cut off: the browser gives up on that, and there may be room later.
        if (opened.readyState !== EventSource.CLOSED) return;
        timer = setTimeout(open, 5000);
      });
    };
    open();
    return () => {
      source?.close();
      clearTimeout(timer);
    };
  }, [type, channelId, senderId]);
  return state;
}
