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

/** What tells one client from another of its language. */
type Own = Pick<Client, 'name' | 'source' | 'steps'>;

/** A program in Java, its SDK from Maven by what `settings` add. */
function mavenClient(
  own: Own,
  {
    home,
    main,
    settings = [],
    env: fixed = {},
  }: {
    readonly home: string;
    readonly main: string;
    readonly settings?: readonly string[];
    readonly env?: Env;
  },
): Client {
  const folder = join(cache, home);
  const mvn = (...goals: string[]) =>
    run('mvn', ['-q', '-B', `-Dmaven.repo.local=${join(cache, 'm2')}`, ...settings, ...goals], {
      cwd: folder,
      limitMs: installLimitMs,
    });
  return {
    ...own,
    folder,
    fetch: () =>
      mvn('dependency:resolve-plugins', 'dependency:build-classpath', '-Dmdep.outputFile=classpath'),
    build: () => mvn('compile'),
    round: (env) =>
      run('sh', ['-c', `exec java -cp "target/classes:$(cat classpath)" ${main}`], {
        cwd: folder,
        limitMs: runLimitMs,
        env: { ...env, ...fixed },
      }),
  };
}

/** A program in Python, its SDKs by pip. */
function pipClient(own: Own, home: string, program: string, packages: readonly string[]): Client {
  const folder = join(cache, home);
  const site = join(folder, 'site');
  return {
    ...own,
    folder,
    fetch: () =>
      run('python3', ['-m', 'pip', 'install', '-q', '--upgrade', '--target', site, ...packages], {
        cwd: folder,
        limitMs: installLimitMs,
      }),
    round: (env) =>
      run('python3', [program], { cwd: folder, limitMs: runLimitMs, env: { ...env, PYTHONPATH: site } }),
  };
}

/** A program in Go. The version is in go.mod: tags above 1 are no versions to Go, as the module's path does not name them. */
function goModClient(own: Own, home: string): Client {
  const folder = join(cache, home);
  const go = (...args: string[]) =>
    run('go', args, {
      cwd: folder,
      limitMs: installLimitMs,
      env: { GOPATH: join(cache, 'gopath'), GOFLAGS: '-modcacherw' },
    });
  return {
    ...own,
    folder,
    fetch: () => go('mod', 'download'),
    build: () => go('build', '-o', 'round', '.'),
    round: (env) => run('./round', [], { cwd: folder, limitMs: runLimitMs, env }),
  };
}

function javaClient(version: string, signature: 'V2' | 'V4'): Client {
  return mavenClient(
    { name: `Java aliyun-sdk-mns ${version}, signature ${signature}`, source: 'java', steps: smqSteps },
    {
      home: `java-${version}`,
      main: 'Round',
      settings: [`-Dmns.version=${version}`, `-Dclients=clients${version.charAt(0)}`],
      env: { SMQ_SIGNATURE: signature },
    },
  );
}

function pythonClient(version: string): Client {
  const own = { name: `Python aliyun-mns-sdk ${version}`, source: 'python', steps: smqSteps };
  return pipClient(own, `python-${version}`, 'round.py', [`aliyun-mns-sdk==${version}`]);
}

function goClient(version: string): Client {
  return goModClient(
    { name: `Go aliyun-mns-go-sdk ${version}`, source: 'go', steps: smqSteps },
    `go-${version}`,
  );
}

export const pullingJava = javaClient('2.0.0', 'V4');
/** The SDKs of CAMS and Dybase for Python. */
export const camsPython = pipClient(
  {
    name: 'Python alibabacloud_cams20200606 5.3.1 and aliyun-python-sdk-dybaseapi',
    source: 'cams-python',
    steps: 10,
  },
  'cams-python',
  'cams_round.py',
  ['alibabacloud_cams20200606==5.3.1', 'aliyun-python-sdk-dybaseapi==1.0.8', 'aliyun-mns-sdk==1.3.0'],
);

/** The cores that the SDKs of CAMS and Dybase for Java are made of, which sign and send for them. */
export const camsJava = mavenClient(
  {
    name: 'Java tea-openapi 0.3.8 (the core of cams20200606) and aliyun-java-sdk-core (that of dybaseapi)',
    source: 'cams-java',
    steps: 8,
  },
  { home: 'cams-java', main: 'CamsRound' },
);
/** The core that the SDK of CAMS for Go is made of. */
const camsGo = goModClient(
  { name: 'Go darabonba-openapi 2.1.7 (the core of cams-20200606)', source: 'cams-go', steps: 8 },
  'cams-go',
);

export const clients: readonly Client[] = [
  javaClient('2.0.0', 'V2'),
  pullingJava,
  javaClient('1.4.0', 'V2'),
  pythonClient('1.3.0'),
  goClient('1.0.11'),
  camsPython,
  camsJava,
  camsGo,
];
