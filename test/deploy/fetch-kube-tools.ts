// Has Helm and the schemas of Kubernetes made, for the tests of the chart. Takes some minutes the first time.
import { mkdirSync } from 'node:fs';
import { cache } from '../support/unpack.ts';
import { fetchTools } from './kube-tools.ts';

mkdirSync(cache, { recursive: true });
for (const line of await fetchTools()) process.stdout.write(`Not to be had here: ${line}\n`);
