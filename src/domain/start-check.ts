/**
 * How closely a store's file is looked at before it is used. `quick`: all pages are read once and have to hang together; some
 * tenths of a second for a gigabyte that the system has in memory, and no longer than two seconds. `full`: every row and index as
 * well. `off`: not at all.
 */
export const startChecks = ['quick', 'full', 'off'] as const;
export type StartCheck = (typeof startChecks)[number];
