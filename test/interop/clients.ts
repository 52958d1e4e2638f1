// The official SDKs of other languages, each installed by its own package manager into a folder of the cache.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ran } from '../support/page.ts';
import { installLimitMs, run } from './program.ts';
import type { Env } from './program.ts';

export const cache = fileURLToPath(new URL('../../.cache/interop', import.meta.url));
const runLimitMs = 180_000;

/** What the three programs of SMQ all do. */
const smqSteps = 24;

/** One SDK in one version, and how our program against it is had, built and run. */
export interface Client {
  readonly name: string;
  /** Where its sources are copied to, is built and run. */
  readonly folder: string;
  readonly source: string;
  /** Fetches the SDK through its package manager; what goes wrong here means that it cannot be had. */
  readonly fetch: () => Promise<Ran>;
  /** Builds our program with it; what goes wrong here is a failure. */
  readonly build?: () => Promise<Ran>;
  /** Plays the program, which prints a line that begins with `ok` for each of its steps, and goes on after one that fails. */
  readonly round: (env: Env) => Promise<Ran>;
  /** How many steps that program has. */
  readonly steps: number;
}

function javaClient(version: string, signature: 'V2' | 'V4'): Client {
  const folder = join(cache, `java-${version}`);
  const settings = [
    '-q',
    '-B',
    `-Dmns.version=${version}`,
    `-Dclients=clients${version.charAt(0)}`,
    `-Dmaven.repo.local=${join(cache, 'm2')}`,
  ];
  const mvn = (...goals: string[]) =>
    run('mvn', [...settings, ...goals], { cwd: folder, limitMs: installLimitMs });
  return {
    name: `Java aliyun-sdk-mns ${version}, signature ${signature}`,
    folder,
    source: 'java',
    steps: smqSteps,
    fetch: () =>
      mvn('dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'),
    build: () => mvn('compile'),
    round: (env) =>
      run('sh', ['-c', 'exec java -cp "target/classes:$(cat classpath)" Round'], {
        cwd: folder,
        limitMs: runLimitMs,
        env: { ...env, SMQ_SIGNATURE: signature },
      }),
  };
}

function pythonClient(version: string): Client {
  const folder = join(cache, `python-${version}`);
  const site = join(folder, 'site');
  const install = ['-m', 'pip', 'install', '-q', '--upgrade', '--target', site, `aliyun-mns-sdk==${version}`];
  return {
    name: `Python aliyun-mns-sdk ${version}`,
    folder,
    source: 'python',
    steps: smqSteps,
    fetch: () => run('python3', install, { cwd: folder, limitMs: installLimitMs }),
    round: (env) =>
      run('python3', ['round.py'], { cwd: folder, limitMs: runLimitMs, env: { ...env, PYTHONPATH: site } }),
  };
}

/** The version is in go.mod: tags above 1 are no versions to Go, as the module's path does not name them. */
function goClient(version: string): Client {
  const folder = join(cache, `go-${version}`);
  const go = (...args: string[]) =>
    run('go', args, {
      cwd: folder,
      limitMs: installLimitMs,
      env: { GOPATH: join(cache, 'gopath'), GOFLAGS: '-modcacherw' },
    });
  return {
    name: `Go aliyun-mns-go-sdk ${version}`,
    folder,
    source: 'go',
    steps: smqSteps,
    fetch: () => go('mod', 'download'),
    build: () => go('build', '-o', 'round', '.'),
    round: (env) => run('./round', [], { cwd: folder, limitMs: runLimitMs, env }),
  };
}

/** The SDKs of CAMS and Dybase for Python. */
function camsPythonClient(): Client {
  const folder = join(cache, 'cams-python');
  const site = join(folder, 'site');
  const packages = [
    'alibabacloud_cams20200606==5.3.1',
    'aliyun-python-sdk-dybaseapi==1.0.8',
    'aliyun-mns-sdk==1.3.0',
  ];
  return {
    name: 'Python alibabacloud_cams20200606 5.3.1 and aliyun-python-sdk-dybaseapi',
    folder,
    source: 'cams-python',
    steps: 10,
    fetch: () =>
      run('python3', ['-m', 'pip', 'install', '-q', '--upgrade', '--target', site, ...packages], {
        cwd: folder,
        limitMs: installLimitMs,
      }),
    round: (env) =>
      run('python3', ['cams_round.py'], {
        cwd: folder,
        limitMs: runLimitMs,
        env: { ...env, PYTHONPATH: site },
      }),
  };
}

/** The cores that the SDKs of CAMS and Dybase for Java are made of, which sign and send for them. */
function camsJavaClient(): Client {
  const folder = join(cache, 'cams-java');
  const mvn = (...goals: string[]) =>
    run('mvn', ['-q', '-B', `-Dmaven.repo.local=${join(cache, 'm2')}`, ...goals], {
      cwd: folder,
      limitMs: installLimitMs,
    });
  return {
    name: 'Java tea-openapi 0.3.8 (the core of cams20200606) and aliyun-java-sdk-core (that of dybaseapi)',
    folder,
    source: 'cams-java',
    steps: 8,
    fetch: () =>
      mvn('dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'),
    build: () => mvn('compile'),
    round: (env) =>
      run('sh', ['-c', 'exec java -cp "target/classes:$(cat classpath)" CamsRound'], {
        cwd: folder,
        limitMs: runLimitMs,
        env,
      }),
  };
}

/** The core that the SDK of CAMS for Go is made of. */
function camsGoClient(): Client {
  const folder = join(cache, 'cams-go');
  const go = (...args: string[]) =>
    run('go', args, {
      cwd: folder,
      limitMs: installLimitMs,
      env: { GOPATH: join(cache, 'gopath'), GOFLAGS: '-modcacherw' },
    });
  return {
    name: 'Go darabonba-openapi 2.1.7 (the core of cams-20200606)',
    folder,
    source: 'cams-go',
    steps: 8,
    fetch: () => go('mod', 'download'),
    build: () => go('build', '-o', 'round', '.'),
    round: (env) => run('./round', [], { cwd: folder, limitMs: runLimitMs, env }),
  };
}

export const pullingJava = javaClient('2.0.0', 'V4');
export const camsPython = camsPythonClient();
export const camsJava = camsJavaClient();
export const clients: readonly Client[] = [
  javaClient('2.0.0', 'V2'),
  pullingJava,
  javaClient('1.4.0', 'V2'),
  pythonClient('1.3.0'),
  goClient('1.0.11'),
  camsPython,
  camsJava,
  camsGoClient(),
];
