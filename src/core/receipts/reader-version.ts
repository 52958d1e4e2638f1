// What tells one version of the readers from another.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Sixteen hex digits of the sources of all connectors: another value after an upgrade that reads an event in another way, and nobody
 * has to remember to raise it.
 */
export const readerVersion: string = toVersion(join(import.meta.dirname, '..', '..', 'channels'));

function toVersion(folder: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}
