import type { IConfiguration } from 'dependency-cruiser';

/** Imports point one way (docs/architecture.md). Each rule says why it is there. */
export const importRules: IConfiguration = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means that two files are one.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-imports-nothing',
      comment:
        'The domain is pure: it can be read, tested and trusted by itself. Hashes and checksums are arithmetic.',
      severity: 'error',
      from: { path: '^src/domain' },
      to: { pathNot: '^src/domain|^(node:)?(crypto|zlib|buffer)$' },
    },
    {
      name: 'surfaces-do-not-meet',
      comment:
        'Surfaces share the store, the domain and the connectors; main.ts introduces them to each other.',
      severity: 'error',
      from: { path: '^src/(intake|delivery|smq|cams|console|control|media|connecting)/' },
      to: { path: '^src/(intake|delivery|smq|cams|console|control|media|connecting)/', pathNot: '^src/$1/' },
    },
    {
      name: 'surfaces-know-ports-only',
      comment: 'A surface that names an adapter cannot be run over another store or channel.',
      severity: 'error',
      from: { path: '^src/(intake|delivery|smq|cams|console|control|media|connecting)/' },
      to: {
        path: '^src/(store|channels)/',
        pathNot: '^src/store/(store|directory)\\.ts$|^src/channels/channel\\.ts$',
      },
    },
    {
      name: 'adapters-keep-to-their-port',
      comment: 'An adapter serves its port; it never calls a surface.',
      severity: 'error',
      from: { path: '^src/(store|channels|telemetry|http)/' },
      to: { path: '^src/(intake|delivery|smq|cams|console|control|media|connecting|main|cli)' },
    },
    {
      name: 'stores-and-channels-apart',
      comment: 'A connector parses, the store keeps; neither needs the other.',
      severity: 'error',
      from: { path: '^src/(store|channels)/' },
      to: { path: '^src/(store|channels)/', pathNot: '^src/$1/' },
    },
    {
      name: 'simulators-stand-alone',
      comment:
        'A simulator that shared code with the connectors would share their mistakes; it knows HTTP and nothing of this service.',
      severity: 'error',
      from: { path: '^src/simulators/' },
      to: { path: '^src/', pathNot: '^src/(simulators|http)/|^src/domain/(errors|json-depth)\\.ts$' },
    },
    {
      name: 'nobody-needs-a-simulator',
      comment: 'The service speaks to a simulated vendor by its address, as to the real one.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(simulators|cli)' },
      to: { path: '^src/simulators/' },
    },
    {
      name: 'only-main-composes',
      comment: 'main.ts is the only file that knows everyone.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|cli)' },
      to: { path: '^src/(main|cli)' },
    },
    {
      name: 'nothing-undeclared',
      comment: 'What is imported is in package.json, and exists.',
      severity: 'error',
      from: { path: '^src' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
