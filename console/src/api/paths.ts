import type { paths } from './schema.d.ts';
import type { PendingPaths } from './pending.ts';

export type Paths = paths & PendingPaths;
