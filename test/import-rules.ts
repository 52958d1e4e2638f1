import type { IConfiguration } from 'dependency-cruiser';

const subjects = '(receipts|deliveries|messages|templates|queues|channels|accounts|media|notices)';
const protocols = '(api|cams|files|hooks|smq)';
const products = '(whatsapp|messenger|instagram|viber-bot|viber-business|sandbox)';

/** Ports of the store, and what is as pure as they are. */
const storePorts = '^src/store/(?:store|page|directory|seal)\\.ts$|^src/store/[^/]+/port\\.ts$';
const channelPort = '^src/channels/channel\\.ts$';
/** What anybody may take: the pure domain, the clock, what a loop is made of, and what is told. */
const common = '^src/domain/|^src/runtime/|^src/telemetry/(?:events|tracing)\\.ts$';
/** What an HTTP client is made of. */
const httpClient = '^src/http/(?:client|pieces|least-pace|retry-after|basic-auth|guard)\\.ts$';

/** A rule that says what a folder may import; the folder itself always, and what is not of `src`. */
function only(folder: string, comment: string, ...allowed: readonly string[]) {
  return {
    name: `${folder.replace('^src/', '').replaceAll(/[^a-z/-]/g, '')}-keeps-to-itself`,
    comment,
    severity: 'error' as const,
    from: { path: folder },
    to: { path: '^src/', pathNot: [folder, common, ...allowed].join('|') },
  };
}

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
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/|^(node:)?(crypto|zlib|buffer)$' },
    },
    only('^src/runtime/', 'What runs by itself is handed what it runs, and knows none of it.'),
    only(
      '^src/telemetry/',
      'Whoever counts and logs knows of what happened only what it is told.',
      '^src/http/retry-after\\.ts$',
    ),
    {
      name: 'opentelemetry-apart',
      comment: 'What nearly nobody switches on costs nobody else memory, nor a start its time.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/otlp/' },
      to: { path: '@opentelemetry/' },
    },
    {
      name: 'opentelemetry-when-it-is-asked-for',
      comment: 'An import at the head of a file would load it for everybody.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/otlp/' },
      to: { path: '^src/telemetry/otlp/', dynamic: false, dependencyTypesNot: ['type-only'] },
    },
    only(
      '^src/config/',
      'Settings are read before there is anything that they are for.',
      '^src/telemetry/(?:log|sampler-names)\\.ts$',
    ),
    only('^src/http/', 'How bytes come and go has nothing to do with what they say.'),
    {
      name: 'core-knows-ports-only',
      comment: 'A rule of the business holds for every protocol, database and vendor: it is told of none.',
      severity: 'error',
      from: { path: '^src/core/' },
      to: {
        path: '^src/',
        pathNot: ['^src/core/', common, storePorts, channelPort, httpClient].join('|'),
      },
    },
    {
      name: 'subjects-apart',
      comment:
        'A subject of the business that needs another says so here, in one direction, so that each can be read by itself.',
      severity: 'error',
      from: { path: `^src/core/${subjects}/` },
      to: {
        path: `^src/core/${subjects}/`,
        pathNot: '^src/core/$1/|^src/core/messages/limits\\.ts$',
      },
    },
    only('^src/providers/', 'Who says who somebody is is told of nothing else.', httpClient),
    only('^src/notifiers/', 'What a vendor of messages wants is told of nothing else.', httpClient),
    only(
      '^src/operations/',
      'What an operator watches is built of the core and of ports.',
      '^src/core/',
      storePorts,
      channelPort,
      httpClient,
    ),
    {
      name: 'protocols-are-shells',
      comment:
        'A protocol reads, calls and writes. One that names an adapter cannot be run over another store or channel.',
      severity: 'error',
      from: { path: '^src/protocols/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/(?:protocols|core|operations|http|domain|runtime|telemetry)/',
          storePorts,
          channelPort,
        ].join('|'),
      },
    },
    {
      name: 'protocols-do-not-meet',
      comment: 'What two protocols share is a rule of the core.',
      severity: 'error',
      from: { path: `^src/protocols/${protocols}/` },
      to: { path: '^src/protocols/', pathNot: '^src/protocols/$1/' },
    },
    only('^src/channels/', 'A connector speaks to one vendor, and keeps nothing.', httpClient),
    {
      name: 'channel-port-imports-nothing',
      comment: 'The port is what connectors and the core agree on; it belongs to neither.',
      severity: 'error',
      from: { path: channelPort },
      to: { path: '^src/', pathNot: common },
    },
    {
      name: 'kit-knows-no-product',
      comment: 'What several channels share would be one of theirs otherwise.',
      severity: 'error',
      from: { path: '^src/channels/kit/' },
      to: { path: `^src/channels/(?:messaging|viber|${products})/` },
    },
    {
      name: 'shared-channels-know-no-product',
      comment: 'What two products share knows neither; the connector of Viber alone chooses between its two.',
      severity: 'error',
      from: { path: '^src/channels/(?:messaging|viber)/', pathNot: '^src/channels/viber/connector\\.ts$' },
      to: { path: `^src/channels/${products}/` },
    },
    {
      name: 'products-apart',
      comment: 'One vendor’s ways are no reason for another’s.',
      severity: 'error',
      from: { path: `^src/channels/${products}/` },
      to: {
        path: `^src/channels/(?:${products}|messaging|viber)/`,
        pathNot: '^src/channels/($1|messaging|viber)/',
      },
    },
    only('^src/store/', 'The store keeps; it calls nobody.'),
    {
      name: 'store-ports-know-no-adapter',
      comment: 'A port that named its adapter would have one.',
      severity: 'error',
      from: { path: storePorts },
      to: { path: '^src/store/', pathNot: storePorts },
    },
    ...[
      ['sqlite', 'postgres'],
      ['postgres', 'sqlite'],
    ].map(([one = '', other = '']) => ({
      name: `${one}-without-${other}`,
      comment: 'What both databases share is in the rows of a subject; neither needs the other.',
      severity: 'error' as const,
      from: { path: `^src/store/.*${one}` },
      to: { path: `^src/store/.*${other}` },
    })),
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
      from: { path: '^src/', pathNot: '^src/(simulators|cli)/' },
      to: { path: '^src/simulators/' },
    },
    {
      name: 'commands-are-shells',
      comment: 'A command reads, calls the service by its API or starts it, and writes.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/(?:protocols|channels|core|store)/' },
    },
    {
      name: 'only-compose-knows-all',
      comment:
        'Whoever knows everybody is known by nobody: compose/ puts the parts together, main.ts calls it.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(?:compose/|main\\.ts|cli/start\\.ts|cli/smoke\\.ts|cli/check\\.ts|cli/restore\\.ts|cli/way-back\\.ts)',
      },
      to: { path: '^src/(?:compose/|main\\.ts)' },
    },
    {
      name: 'compose-starts-no-command',
      comment: 'The parts are put together in one way, whoever starts them: by a command, a test or a bench.',
      severity: 'error',
      from: { path: '^src/compose/' },
      to: { path: '^src/(?:cli|simulators)/|^src/main\\.ts$' },
    },
    {
      name: 'nobody-needs-a-command',
      comment: 'The command line is one way in, not a part.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nothing-undeclared',
      comment: 'What is imported is in package.json, and exists.',
      severity: 'error',
      from: { path: '^src/' },
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
