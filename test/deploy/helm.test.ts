// The chart of deploy/ as Helm renders it, against the schemas of Kubernetes, the table of settings and the running service.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { parse, parseAllDocuments } from 'yaml';
import { settingTable } from '../../src/config/table.ts';
import type { Setting } from '../../src/config/table.ts';
import { bareEnv, findFreePort, startService } from '../support/service.ts';
import { findTools } from './kube-tools.ts';

const chart = fileURLToPath(new URL('../../deploy/helm/chasqui', import.meta.url));
const tools = findTools();
const skip = tools === undefined && 'Helm and the schemas are not in .cache (npm run test:chart makes them)';
/** The first version of Kubernetes that the chart names, and the last that the schemas know. */
const kubeVersions = ['1.30.0', '1.37.0'];

type Values = Readonly<Record<string, unknown>>;
type Resource = Readonly<Record<string, unknown>>;

const address = { settings: { PUBLIC_URL: 'https://chasqui.example.com' } };
const database = { DATABASE_URL: 'postgres://u:p@db.internal/chasqui', MASTER_KEY: '5c'.repeat(32) };
const exposed = (host: string) => ({ enabled: true, className: 'nginx', host, tlsSecretName: 'tls' });

/** What operators choose. */
const choices: Readonly<Record<string, Values>> = {
  'an embedded store': address,
  'an embedded store with everything': {
    settings: { ...address.settings, TRUST_PROXY: '10.0.0.0/8', CHASQUI_NONCE_MAX: 5_000_000 },
    secrets: { MASTER_KEY: '5c'.repeat(32), ROOT_ACCESS_KEY_ID: 'LTAI1', ROOT_ACCESS_KEY_SECRET: 'secret' },
    persistence: { size: '5Gi', storageClassName: 'fast' },
    drainDelaySeconds: 0,
    priorityClassName: 'high',
    serviceAccountName: 'chasqui',
    image: { repository: 'registry.internal/chasqui', pullSecrets: [{ name: 'registry' }] },
  },
  'three nodes': { ...address, store: 'postgresql', secrets: database },
  'many nodes with everything': {
    store: 'postgresql',
    existingSecret: 'keys',
    ingress: exposed('chasqui.example.com'),
    adminIngress: exposed('inside.example.com'),
    autoscaling: { enabled: true },
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
    prometheusRule: { enabled: true },
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'only', operator: 'Exists' }],
    podAnnotations: { a: 'b' },
    podLabels: { c: 'd' },
    extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.pem' }],
    extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
    extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ca', readOnly: true }],
  },
};

let home: string;
before(() => {
  home = mkdtempSync(join(tmpdir(), 'chasqui-helm-'));
});
after(() => rmSync(home, { recursive: true, force: true }));

function runHelm(words: readonly string[], values: Values) {
  assert.ok(tools !== undefined);
  const { status, stdout, stderr } = spawnSync(
    tools.helm,
    [...words, '--kube-version', kubeVersions[0] ?? '', '--values', '-'],
    { input: JSON.stringify(values), encoding: 'utf8', env: { ...bareEnv, HOME: home } },
  );
  return { status, stdout, stderr };
}

function renderText(values: Values): string {
  const { status, stdout, stderr } = runHelm(['template', 'mine', chart], values);
  assert.equal(status, 0, stderr);
  return stdout;
}

function render(values: Values): readonly Resource[] {
  return parseAllDocuments(renderText(values))
    .map((document) => document.toJS() as Resource | null)
    .filter((resource) => resource !== null);
}

/** What stands at a path of names and places; undefined where there is nothing. */
function at(from: unknown, path: string): unknown {
  return path.split('/').reduce<unknown>((place, name) => (place as Resource | undefined)?.[name], from);
}

function recordAt(from: unknown, path: string): Readonly<Record<string, string>> {
  return at(from, path) as Readonly<Record<string, string>>;
}

function listAt(from: unknown, path: string): readonly Resource[] {
  return at(from, path) as readonly Resource[];
}

/** The one of that kind whose name ends so. */
function find(resources: readonly Resource[], kind: string, ending = ''): Resource {
  const [found, ...more] = resources.filter(
    (resource) => resource['kind'] === kind && String(at(resource, 'metadata/name')).endsWith(ending),
  );
  assert.ok(found !== undefined, `no ${kind} ${ending}`);
  assert.equal(more.length, 0, kind);
  return found;
}

function has(resources: readonly Resource[], kind: string): boolean {
  return resources.some((resource) => resource['kind'] === kind);
}

function findPod(resources: readonly Resource[]): Resource {
  const owner = find(resources, has(resources, 'Deployment') ? 'Deployment' : 'StatefulSet');
  return at(owner, 'spec/template') as Resource;
}

/** All labels of a selector are among these. */
function assertSelected(selector: unknown, labels: unknown): void {
  const wanted = Object.entries(selector as Resource);
  assert.ok(wanted.length > 0);
  for (const [name, value] of wanted) assert.equal((labels as Resource)[name], value, name);
}

describe('the chart', { skip }, () => {
  for (const [name, values] of Object.entries(choices)) {
    it(`is in order for Helm and for Kubernetes with ${name}`, () => {
      const { status, stdout } = runHelm(['lint', '--strict', chart], values);
      assert.equal(status, 0, stdout);
      const path = join(home, 'rendered.yaml');
      writeFileSync(path, renderText(values));
      for (const kubeVersion of kubeVersions) {
        const checked = spawnSync(
          'python3',
          ['-m', 'kubernetes_validate', '--strict', '-k', kubeVersion, path],
          { encoding: 'utf8', env: { ...bareEnv, PYTHONPATH: tools?.schemas, PYTHONDONTWRITEBYTECODE: '1' } },
        );
        const text = checked.stdout + checked.stderr;
        assert.equal(checked.status, 0, text);
        const passed = text.match(/passed for resource/g)?.length ?? 0;
        const monitoring = render(values).filter(
          ({ apiVersion }) => apiVersion === 'monitoring.coreos.com/v1',
        );
        assert.equal(passed, render(values).length - monitoring.length, text);
      }
    });

    it(`sets nothing but settings, and secrets in no ConfigMap, with ${name}`, () => {
      const resources = render(values);
      const rows: readonly Setting<unknown>[] = Object.values(settingTable);
      const open = Object.keys(recordAt(find(resources, 'ConfigMap'), 'data'));
      const secret = resources
        .filter(({ kind }) => kind === 'Secret')
        .flatMap((resource) => Object.keys(recordAt(resource, 'stringData')));
      for (const env of [...open, ...secret])
        assert.ok(
          rows.some((row) => row.env === env),
          env,
        );
      for (const env of open) assert.ok(!rows.some((row) => row.env === env && row.secret), env);
      assert.deepEqual(secret.toSorted(), Object.keys(values['secrets'] ?? {}).toSorted());
    });

    it(`gives a pod no privileges, and as long to end as a node takes, with ${name}`, () => {
      const pod = findPod(render(values));
      const [container, ...more] = listAt(pod, 'spec/containers');
      assert.equal(more.length, 0);
      assert.equal(at(pod, 'spec/automountServiceAccountToken'), false);
      // CHASQUI_PORT, which Kubernetes would set, is no setting and ends the start.
      assert.equal(at(pod, 'spec/enableServiceLinks'), false);
      assert.equal(at(pod, 'spec/securityContext/runAsNonRoot'), true);
      assert.equal(at(pod, 'spec/securityContext/runAsUser'), 10_001);
      assert.deepEqual(at(pod, 'spec/securityContext/seccompProfile'), { type: 'RuntimeDefault' });
      assert.deepEqual(at(container, 'securityContext'), {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      const delay = Number(at(container, 'lifecycle/preStop/sleep/seconds') ?? 0);
      assert.equal(delay, values['drainDelaySeconds'] ?? 5);
      // src/compose/releases.ts: everything has ended within ten seconds.
      assert.ok(Number(at(pod, 'spec/terminationGracePeriodSeconds')) >= delay + 10);
    });
  }

  it('runs one owner of an embedded store, with its volume', () => {
    const resources = render(choices['an embedded store'] ?? {});
    const owner = find(resources, 'StatefulSet');
    assert.equal(at(owner, 'spec/replicas'), 1);
    const claim = at(owner, 'spec/volumeClaimTemplates/0/metadata/name');
    const mount = listAt(findPod(resources), 'spec/containers/0/volumeMounts').find(
      ({ name }) => name === claim,
    );
    const { DATA_DIR: folder } = recordAt(find(resources, 'ConfigMap'), 'data');
    assert.ok(folder?.startsWith(`${String(mount?.['mountPath'])}/`), folder);
    for (const kind of ['Deployment', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'])
      assert.ok(!has(resources, kind), kind);
  });

  it('runs nodes on a database, of which few go at once', () => {
    const resources = render(choices['three nodes'] ?? {});
    assert.equal(at(find(resources, 'Deployment'), 'spec/replicas'), 3);
    assert.equal(at(find(resources, 'PodDisruptionBudget'), 'spec/maxUnavailable'), 1);
    for (const kind of ['StatefulSet', 'HorizontalPodAutoscaler']) assert.ok(!has(resources, kind), kind);
    const scaled = render(choices['many nodes with everything'] ?? {});
    assert.equal(at(find(scaled, 'Deployment'), 'spec/replicas'), undefined, 'who scales them says how many');
    assert.equal(at(find(scaled, 'HorizontalPodAutoscaler'), 'spec/scaleTargetRef/name'), 'mine-chasqui');
  });

  it('writes numbers in full, and replaces the pods when a setting or a secret changes', () => {
    const base = choices['an embedded store with everything'] ?? {};
    const resources = render(base);
    assert.equal(at(find(resources, 'ConfigMap'), 'data/CHASQUI_NONCE_MAX'), '5000000');
    const settings = { ...(base['settings'] as object), CHASQUI_NONCE_MAX: 6_000_000 };
    const secrets = { ...(base['secrets'] as object), ROOT_ACCESS_KEY_SECRET: 'another' };
    const sums = (values: Values) => JSON.stringify(at(findPod(render(values)), 'metadata/annotations'));
    assert.equal(new Set([base, { ...base, settings }, { ...base, secrets }].map(sums)).size, 3);
  });

  it('leads each Service to a port of the pod, and each Ingress to a Service', () => {
    const resources = render(choices['many nodes with everything'] ?? {});
    const pod = findPod(resources);
    const data = recordAt(find(resources, 'ConfigMap'), 'data');
    for (const [ending, name, listened] of [
      ['-chasqui', 'http', data['PORT']],
      ['-admin', 'admin', data['ADMIN_PORT']],
    ] as const) {
      const service = find(resources, 'Service', ending);
      assert.equal(at(service, 'spec/ports/0/targetPort'), name);
      const port = listAt(pod, 'spec/containers/0/ports').find((each) => each['name'] === name);
      assert.equal(String(port?.['containerPort']), listened, ending);
      assertSelected(at(service, 'spec/selector'), at(pod, 'metadata/labels'));
      const backend = at(find(resources, 'Ingress', ending), 'spec/rules/0/http/paths/0/backend/service');
      assert.deepEqual(backend, { name: at(service, 'metadata/name'), port: { name } });
    }
    assert.equal(data['PUBLIC_URL'], 'https://chasqui.example.com');
    const monitor = find(resources, 'ServiceMonitor');
    const admin = find(resources, 'Service', '-admin');
    assertSelected(at(monitor, 'spec/selector/matchLabels'), at(admin, 'metadata/labels'));
    assert.deepEqual(at(monitor, 'spec/endpoints'), [{ port: 'admin', path: '/metrics', interval: '30s' }]);
  });

  it('starts the service, whose probes answer where they ask', async (t) => {
    const resources = render({ ...address, ...choices['an embedded store with everything'] });
    const dataDir = mkdtempSync(join(tmpdir(), 'chasqui-chart-'));
    t.after(() => rmSync(dataDir, { recursive: true, force: true }));
    const adminPort = await findFreePort();
    const data = recordAt(find(resources, 'ConfigMap'), 'data');
    const secrets = recordAt(find(resources, 'Secret'), 'stringData');
    // All but what is the machine's.
    const own = { HOST: '127.0.0.1', PORT: String(await findFreePort()), DATA_DIR: join(dataDir, 'data') };
    const service = await startService({
      dataDir: own.DATA_DIR,
      port: Number(own.PORT),
      readyPort: adminPort,
      env: { ...data, ...secrets, ...own, ADMIN_PORT: String(adminPort) },
    });
    t.after(() => service.kill());
    const container = at(findPod(resources), 'spec/containers/0');
    const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => {
      assert.equal(at(container, `${probe}/httpGet/port`), 'admin', probe);
      return String(at(container, `${probe}/httpGet/path`));
    });
    assert.deepEqual(paths, ['/health/live', '/health/live', '/health/ready']);
    const get = async (url: string): Promise<number> => {
      const { statusCode, body } = await request(url);
      await body.dump();
      return statusCode;
    };
    for (const path of [...paths, '/metrics', '/console/']) {
      assert.equal(await get(`http://127.0.0.1:${adminPort}${path}`), 200, path);
      assert.equal(await get(`${service.url}${path}`), 404, `${path} is for those inside`);
    }
  });

  it('alarms by the rules for Prometheus', () => {
    const rules = readFileSync(new URL('../../deploy/prometheus/rules.yaml', import.meta.url), 'utf8');
    const rule = find(render(choices['many nodes with everything'] ?? {}), 'PrometheusRule');
    assert.deepEqual(at(rule, 'spec'), parse(rules));
  });

  it('takes what the page on deploying says', () => {
    const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const commands = [...page.matchAll(/^helm install (\w+) \S+ ((?:.*\\\n)+.*)$/gm)];
    assert.equal(commands.length, 2);
    for (const [, name = '', flags = ''] of commands) {
      const words = flags.split(/[\s\\]+/).filter((word) => word !== '');
      const { status, stderr } = runHelm(['template', name, chart, ...words], {});
      assert.equal(status, 0, stderr);
    }
    const given = [...page.matchAll(/--from-literal=(\w+)=/g)].map(([, env]) => env ?? '');
    assert.ok(given.includes('MASTER_KEY'));
    const rows: readonly Setting<unknown>[] = Object.values(settingTable);
    for (const name of given)
      assert.ok(
        rows.some(({ env }) => env === name),
        name,
      );
  });

  /** What would be wrong, and what is said of it. */
  const refused: readonly [string, Values, RegExp][] = [
    [
      'a setting that is none',
      { settings: { ...address.settings, CHASQUI_NONSENSE: 1 } },
      /CHASQUI_NONSENSE/,
    ],
    ['a secret among the settings', { settings: { ...address.settings, MASTER_KEY: 'x' } }, /MASTER_KEY/],
    ['a port of its own', { settings: { ...address.settings, PORT: 80 } }, /PORT/],
    ['a value that is none', { ...address, replica: 3 }, /replica/],
    ['no address', {}, /PUBLIC_URL/],
    ['nodes without their database', { ...address, store: 'postgresql' }, /DATABASE_URL/],
    [
      'nodes without their master key',
      { ...address, store: 'postgresql', secrets: { DATABASE_URL: database.DATABASE_URL } },
      /MASTER_KEY/,
    ],
    ['an embedded store with a database', { ...address, secrets: database }, /DATABASE_URL/],
    ['an embedded store that grows', { ...address, autoscaling: { enabled: true } }, /one owner/],
    ['two sources of secrets', { ...address, existingSecret: 'keys', secrets: database }, /not both/],
    ['more nodes than can be', { ...address, store: 'postgresql', secrets: database, replicas: 65 }, /64/],
    ['an Ingress for no host', { ...address, ingress: { enabled: true } }, /host/],
  ];
  for (const [name, values, said] of refused)
    it(`refuses ${name}`, () => {
      const { status, stderr } = runHelm(['template', 'mine', chart], values);
      assert.notEqual(status, 0);
      assert.match(stderr, said);
    });
});
