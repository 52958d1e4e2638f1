// The Helm chart is of this version and this image, and knows every setting. `UPDATE_SNAPSHOT=1` writes the names into its schema.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { it } from 'node:test';
import { parse } from 'yaml';
import { settingTable } from '../../src/config/table.ts';
import type { Setting } from '../../src/config/table.ts';
import { version } from '../../src/runtime/release.ts';

const chart = new URL('../../deploy/helm/chasqui/', import.meta.url);
/** The chart says these itself, and TLS ends before the pod, whose probes speak HTTP. */
const own = ['HOST', 'PORT', 'ADMIN_PORT', 'DATA_DIR', 'TLS_CERT_FILE', 'TLS_KEY_FILE'];

interface Schema {
  readonly properties: Readonly<Record<'settings' | 'secrets', { propertyNames: { enum: string[] } }>>;
}

it('the chart is of this version', () => {
  const read = parse(readFileSync(new URL('Chart.yaml', chart), 'utf8')) as Record<string, string>;
  assert.deepEqual([read['version'], read['appVersion']], [version, version]);
});

it('the chart runs the user of the image, on its volume', () => {
  const image = readFileSync(new URL('../../deploy/Dockerfile', import.meta.url), 'utf8');
  const [, user] = /^USER (\d+):\1$/m.exec(image) ?? [];
  const [, volume] = /^VOLUME (\S+)$/m.exec(image) ?? [];
  const values = parse(readFileSync(new URL('values.yaml', chart), 'utf8')) as Record<string, unknown>;
  assert.equal(String(values['userId']), user);
  const pod = readFileSync(new URL('templates/_pod.tpl', chart), 'utf8');
  assert.ok(volume !== undefined && pod.includes(`mountPath: ${volume}\n`), volume);
});

it('the chart takes every setting by its name, and as a secret what may be one', () => {
  const path = fileURLToPath(new URL('values.schema.json', chart));
  const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema;
  const rows: readonly Setting<unknown>[] = Object.values(settingTable);
  // The id of a key goes with its secret.
  const mayBeSecret = ({ secret, hasSecretPath, env }: Setting<unknown>): boolean =>
    secret === true || hasSecretPath === true || env.endsWith('_KEY_ID');
  const expected = {
    settings: rows.filter(({ secret, env }) => secret !== true && !own.includes(env)),
    secrets: rows.filter(mayBeSecret),
  };
  for (const kind of ['settings', 'secrets'] as const) {
    const names = expected[kind].map(({ env }) => env);
    const { propertyNames } = schema.properties[kind];
    if (process.env['UPDATE_SNAPSHOT'] === '1') propertyNames.enum = names;
    assert.deepEqual(propertyNames.enum, names, `${kind}: UPDATE_SNAPSHOT=1 writes them anew`);
  }
  if (process.env['UPDATE_SNAPSHOT'] === '1') writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
});

it('the chart has the rules for Prometheus as they are', () => {
  const rules = readFileSync(new URL('../../deploy/prometheus/rules.yaml', import.meta.url), 'utf8');
  const own = fileURLToPath(new URL('rules.yaml', chart));
  if (process.env['UPDATE_SNAPSHOT'] === '1') writeFileSync(own, rules);
  assert.equal(readFileSync(own, 'utf8'), rules, 'UPDATE_SNAPSHOT=1 writes them anew');
});
