const listeners = new Set<() => void>();
let isReachable = true;

/** Whether the last call was answered at all, as a store that React can watch. */
export const reachability = {
  get: (): boolean => isReachable,
  set: (value: boolean): void => {
    if (value === isReachable) return;
    isReachable = value;
    for (const tell of listeners) tell();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
