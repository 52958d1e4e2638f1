import type { AccountLimits } from '../../api/model.ts';

export type LimitName = keyof AccountLimits;

/** What is limited, in the order in which it is shown. */
export const limitNames = [
  'requestsPerSecond',
  'queuedMessages',
  'storedBytes',
] as const satisfies readonly LimitName[];
