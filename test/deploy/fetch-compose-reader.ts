// Has the reader of compose files made, for their test. Takes half a minute the first time.
import { mkdirSync } from 'node:fs';
import { cache } from '../support/unpack.ts';
import { fetchReader } from './compose-reader.ts';

mkdirSync(cache, { recursive: true });
await fetchReader().catch((error: unknown) => process.stdout.write(`Not to be had here: ${String(error)}\n`));
