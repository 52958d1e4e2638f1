// deploy/compose.yaml as Docker Compose reads it, with the settings of deploy/compose.env.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadSettings } from '../../src/config/sources.ts';
import { bareEnv } from '../support/service.ts';
import { findReader } from './compose-reader.ts';

const given = fileURLToPath(new URL('../../deploy', import.meta.url));
const reader = findReader() ?? '';
const skip = reader === '' && 'the reader of compose files is not in .cache (npm run test:compose makes it)';

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly stop_grace_period?: string;
  readonly volumes?: readonly { readonly source: string; readonly target: string }[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
}

interface Project {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: {
    readonly inside: { readonly ipam: { readonly config: readonly { subnet: string }[] } };
  };
}

const settings = readFileSync(join(given, 'compose.env'), 'utf8');
/** The same, with the lines for several nodes in the place of those for one, and what they need. */
const nodeSettings = [
  settings
    .replaceAll(/^(COMPOSE_PROFILES|CHASQUI_NODES)=/gm, '# $1=')
    .replaceAll(/^# (\w+=.*node.*)$/gm, '$1'),
  `MASTER_KEY=${'5c'.repeat(32)}`,
  'POSTGRES_PASSWORD=a1b2c3',
].join('\n');

describe('deploy/compose.yaml, read as Docker Compose reads it', { skip }, () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chasqui-compose-'));
    cpSync(given, folder, { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const read = (env: string | undefined, edit = (text: string): string => text) => {
    rmSync(join(folder, '.env'), { force: true });
    if (env !== undefined) writeFileSync(join(folder, '.env'), env);
    writeFileSync(join(folder, 'compose.yaml'), edit(readFileSync(join(given, 'compose.yaml'), 'utf8')));
    return spawnSync(reader, ['compose.yaml'], { cwd: folder, encoding: 'utf8', env: bareEnv });
  };
  const load = (env: string): Project => {
    const { status, stdout, stderr } = read(env);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Project;
  };

  it('is one node on its embedded store behind Caddy, by the settings as they come', () => {
    const { services } = load(settings);
    assert.deepEqual(Object.keys(services).sort(), ['caddy', 'chasqui']);
    const { chasqui, caddy } = services;
    assert.deepEqual(
      chasqui?.volumes?.map(({ target }) => target),
      ['/var/lib/chasqui', '/backup'],
    );
    assert.equal(caddy?.environment['CHASQUI_NODES'], 'chasqui:8080');
    assert.ok(existsSync(join(folder, 'caddy', 'Caddyfile')));
    assert.equal(caddy.volumes?.[0]?.source, join(folder, 'caddy', 'Caddyfile'));
  });

  it('is three nodes on one PostgreSQL where the settings say so', () => {
    const { services } = load(nodeSettings);
    const nodes = ['node-1', 'node-2', 'node-3'];
    assert.deepEqual(Object.keys(services).sort(), ['caddy', 'database', ...nodes]);
    assert.equal(
      services['caddy']?.environment['CHASQUI_NODES'],
      nodes.map((name) => `${name}:8080`).join(' '),
    );
    for (const name of nodes) {
      assert.deepEqual(services[name], services['node-1']);
      assert.deepEqual(services[name]?.depends_on?.['database']?.condition, 'service_healthy');
      assert.equal(services[name].volumes, undefined);
    }
  });

  it('gives the service settings that it takes, and trusts those alone who are inside', () => {
    for (const env of [settings, nodeSettings]) {
      const { services, networks } = load(env);
      const own = Object.entries(services).filter(([name]) => /^(?:chasqui|node-\d)$/.test(name));
      assert.ok(own.length > 0);
      for (const [, { environment }] of own) {
        const loaded = loadSettings({ options: {}, env: environment });
        const told = Object.values(loaded.sources).filter((source) => source === 'environment');
        assert.equal(told.length, Object.values(environment).filter((value) => value !== '').length);
        assert.equal(loaded.settings.publicUrl, 'https://chasqui.example.com');
        assert.equal(environment['TRUST_PROXY'], networks.inside.ipam.config[0]?.subnet);
      }
    }
  });

  it('guards whatever it runs, and gives it time to end', () => {
    for (const [name, service] of [settings, nodeSettings].flatMap((env) =>
      Object.entries(load(env).services),
    )) {
      assert.deepEqual(service.cap_drop, ['ALL'], name);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
      if (service.build === undefined) continue;
      assert.equal(service.read_only, true, name);
      assert.equal(service.stop_grace_period, '15s', name);
      assert.deepEqual(service.healthcheck?.test, ['CMD', 'chasqui', 'health'], name);
      assert.equal(service.build.context, join(folder, '..'));
      assert.ok(existsSync(join(given, '..', service.build.dockerfile)), name);
    }
  });

  it('says what is missing where there are no settings', () => {
    const { status, stderr } = read(undefined);
    assert.notEqual(status, 0);
    assert.match(stderr, /copy compose\.env to \.env/);
  });

  it('what is unknown would be told', () => {
    const { status, stderr } = read(settings, (text) => text.replace('read_only:', 'root_only:'));
    assert.notEqual(status, 0);
    assert.match(stderr, /root_only/);
  });
});
