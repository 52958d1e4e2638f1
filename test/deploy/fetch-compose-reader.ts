// Has what reads compose files and what runs them made, for their tests. Takes half a minute the first time.
import { mkdirSync } from 'node:fs';
import { cache } from '../support/unpack.ts';
import { fetchReader, fetchRunner } from './compose-reader.ts';

mkdirSync(cache, { recursive: true });
for (const make of [fetchReader, fetchRunner])
  await make().catch((error: unknown) => process.stdout.write(`Not to be had here: ${String(error)}\n`));
