#!/usr/bin/env node
// The command line. `start`, `migrate` and `check` open the store, as do the ways back in of an operator where no service runs;
// every other command speaks to a running service.
import { eraseUser } from './erasure.ts';
import { Command, Option } from 'commander';
import { ApiClient, toApiAccess } from './api-client.ts';
import { backUp } from './backup.ts';
import { confirmClock, showClock } from './clock.ts';
import {
  checkChannel,
  importTemplates,
  listChannels,
  listFoundSenders,
  rotateCredential,
  subscribeChannel,
} from './channels.ts';
import { printConfig, toConfigurationPage } from './config.ts';
import { giveUp, handOver, listDestinations, removeDestination, setDestination } from './destinations.ts';
import { askHealth } from './health.ts';
import { createAccount, createKey, listAccounts, listKeys, rotateKey, setKey } from './keys.ts';
import { listEvents, rereadEvent, rereadEvents, showEvent } from './raw-events.ts';
import { openOutput } from './output.ts';
import type { Output } from './output.ts';
import { isAtMachine } from './place.ts';
import type { StorePlace } from './place.ts';
import { runPreflight } from './preflight.ts';
import { replay, tail } from './receipts.ts';
import { defaultSender, simulateBurst, simulateMessage, simulateStatus } from './simulation.ts';
import { smoke } from './smoke.ts';
import { readSettings, runMigrate, runStart } from './start.ts';
import { addVendorCommands } from './vendors.ts';
import { toShown } from '../config/mask.ts';
import { GatewayError } from '../domain/errors.ts';
import { messageStatuses, remarkReasons } from '../domain/receipt.ts';
import { version } from '../runtime/release.ts';
import { machineTime } from '../runtime/clock.ts';

interface ClientOptions {
  readonly url?: string;
  readonly keyId?: string;
  readonly keySecret?: string;
  readonly json?: boolean;
}

const program = new Command('chasqui')
  .description(
    'Hands every receipt of your chats on WhatsApp, Messenger, Instagram and Viber to your own systems.',
  )
  .version(version)
  .exitOverride()
  // What was given to an option that is not known may be a secret.
  .configureOutput({ outputError: (text, write) => write(text.replace(/(--[\w-]+)=[^'\n]*/g, '$1=…')) })
  .showHelpAfterError('(--help tells more)');

/** A command that takes settings as `--name value`; the settings table knows the names. */
function settingsCommand(name: string, description: string, example: string): Command {
  const operands = name.split(' ').slice(1);
  return program
    .command(name)
    .description(description)
    .allowUnknownOption()
    .allowExcessArguments()
    .helpOption('-h, --help', 'show this help')
    .usage([...operands, '[--setting value …]'].join(' '))
    .addHelpText('after', `\nEvery setting of docs/configuration.md can be given, e.g.\n  ${example}`);
}

/** A command that speaks to a running service. */
function clientCommand(parent: Command, name: string, description: string, example: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--url <url>', 'address of the service (CHASQUI_URL; http://127.0.0.1:8080)')
    .option('--key-id <id>', 'access key id (CHASQUI_KEY_ID)')
    .addOption(new Option('--key-secret <secret>', 'access key secret; better given as CHASQUI_KEY_SECRET'))
    .option('--json', 'print JSON, one result a line')
    .addHelpText('after', `\nExample:\n  ${example}`);
}

async function withApi(
  options: ClientOptions,
  run: (api: ApiClient, output: Output) => Promise<void>,
): Promise<void> {
  const api = new ApiClient(toApiAccess(options));
  try {
    await run(api, openOutput(options.json === true, machineTime));
  } finally {
    await api.close();
  }
}

settingsCommand('start', 'Run the service', 'chasqui start --port 9000 --data-dir /var/lib/chasqui').action(
  (_options, command: Command) => runStart(command.args),
);

program
  .command('version')
  .description('Print the version')
  .action(() => console.log(version));

settingsCommand(
  'migrate',
  "Bring the store's schema up to date",
  'chasqui migrate --data-dir /var/lib/chasqui',
).action((_options, command: Command) => runMigrate(command.args));

settingsCommand(
  'health',
  'Ask the service that runs here by the same settings whether it is ready; exit code 1 when it is not',
  'chasqui health --live --port 9000',
)
  .option('--live', 'ask whether it is alive: what is not is restarted, what is not ready waits')
  .option('--json', 'print JSON')
  .action(async (options: { live?: boolean; json?: boolean }, command: Command) => {
    const output = openOutput(options.json === true, machineTime);
    if (!(await askHealth(output, command.args, options.live === true))) process.exitCode = 1;
  });

settingsCommand('config', 'Print the settings in force and where they came from', 'chasqui config --json')
  .option('--json', 'print JSON')
  .option('--docs', 'print docs/configuration.md')
  .action((options: { json?: boolean; docs?: boolean }, command: Command) => {
    if (options.docs === true) process.stdout.write(toConfigurationPage());
    else printConfig(openOutput(options.json === true, machineTime), readSettings(command.args));
  });

settingsCommand(
  'backup <folder>',
  'Copy the store and the media of the service that runs here, while it runs',
  'chasqui backup /backup/2026-11-24 --data-dir /var/lib/chasqui',
)
  .option('--json', 'print JSON')
  .action((folder: string, options: { json?: boolean }, command: Command) =>
    backUp(openOutput(options.json === true, machineTime), folder, command.args.slice(1)),
  );

settingsCommand(
  'check',
  'Tell what is damaged in the store and what is whole; exit code 1 when something is',
  'chasqui check --data-dir /var/lib/chasqui',
)
  .option('--mend', 'save what can be read into a new file, while no service runs; the damaged one is kept')
  .option('--json', 'print JSON')
  .action(async (options: { json?: boolean; mend?: boolean }, command: Command) => {
    const { check } = await import('./check.ts');
    if (
      !(await check(
        openOutput(options.json === true, machineTime),
        command.args,
        options.mend === true,
        machineTime.now(),
      ))
    )
      process.exitCode = 1;
  });

const clock = program.command('clock').description('The time that the service goes by');
clientCommand(
  clock,
  'show',
  'Tell whether the clock is in doubt, and what a sweep that waits would take',
  'chasqui clock show',
).action((options: ClientOptions) => withApi(options, showClock));
clientCommand(
  clock,
  'confirm',
  'Say that the clock is right: it is worked by again, and a sweep that waits goes on',
  'chasqui clock confirm --yes',
)
  .option('--dry-run', 'only tell what would be taken for right, and what would go')
  .option('--yes', 'do not ask')
  .action((options: ClientOptions & { dryRun?: boolean; yes?: boolean }) =>
    withApi(options, (api, output) => confirmClock(api, output, options)),
  );

clientCommand(
  program,
  'smoke',
  'Show the whole way of a receipt, on a throw-away service or on the one given',
  'chasqui smoke',
).action(async (options: ClientOptions) => {
  const isGiven = (options.url ?? process.env['CHASQUI_URL']) !== undefined;
  await smoke(isGiven ? toApiAccess(options) : null, machineTime);
});

const simulate = program
  .command('simulate')
  .description('Play end users and the channel on the sandbox, or the API and webhooks of a vendor');
addVendorCommands(simulate, machineTime);

clientCommand(
  simulate,
  'message',
  'Play a message of an end user',
  'chasqui simulate message --type text --text "Where is my order?"',
)
  .option('--sender <id>', 'sender that gets it', defaultSender)
  .option('--from <id>', 'the user', '15550002222')
  .option('--type <type>', 'type of message (docs/sandbox.md)', 'text')
  .option('--text <text>', 'what the user writes')
  .option('--name <name>', "the user's profile name")
  .option('--body <json>', 'more members, as JSON')
  .action((options: ClientOptions & { sender: string; from: string; type: string }) =>
    withApi(options, (api, output) => simulateMessage(api, output, options)),
  );

clientCommand(
  simulate,
  'status',
  'Play a status of a message that the business sent',
  'chasqui simulate status --message-id m1 --status read',
)
  .requiredOption('--message-id <id>', "the channel's id of the message")
  .addOption(
    new Option('--status <status>', 'what happened').choices([...messageStatuses]).makeOptionMandatory(),
  )
  .option('--sender <id>', 'sender of the message', defaultSender)
  .option('--to <id>', 'the user', '15550002222')
  .option('--error-code <code>', 'for failed')
  .option('--error-description <text>', 'for failed')
  .action(
    ({
      url,
      keyId,
      keySecret,
      json,
      ...status
    }: ClientOptions & { sender: string; messageId: string; to: string; status: string }) =>
      withApi({ ...defined({ url, keyId, keySecret, json }) }, (api, output) =>
        simulateStatus(api, output, status),
      ),
  );

clientCommand(
  simulate,
  'burst',
  'Play many messages of many users',
  'chasqui simulate burst --count 1000 --rate 100',
)
  .option('--sender <id>', 'sender that gets them', defaultSender)
  .option('--count <n>', 'messages', toCount, 100)
  .option('--rate <n>', 'messages a second; 0 is as fast as it goes', toCount, 0)
  .action((options: ClientOptions & { sender: string; count: number; rate: number }) =>
    withApi(options, (api, output) =>
      simulateBurst(api, output, { ...options, monotonic: machineTime.monotonic }),
    ),
  );

clientCommand(program, 'tail', 'Print receipts as they come', 'chasqui tail --type ChatAppInbound')
  .option('--since <seconds>', 'begin with what came in the last seconds', toCount, 60)
  .addOption(
    new Option('--type <type>', 'one type only').choices(['ChatAppInbound', 'ChatAppStatus', 'ChatAppAudit']),
  )
  .action(async (options: ClientOptions & { since: number; type?: string }) => {
    let isOver = false;
    process.once('SIGINT', () => {
      isOver = true;
    });
    const since = machineTime.now() - options.since * 1000;
    const { type } = options;
    await withApi(options, (api, output) =>
      tail(api, output, { since, ...(type === undefined ? {} : { type }), isOver: () => isOver }),
    );
  });

clientCommand(
  program,
  'replay',
  'Make deliveries that are over due again',
  'chasqui replay --destination 3 --since 2026-11-01T00:00:00Z --dry-run',
)
  .option('--delivery <ids...>', 'these deliveries')
  .option('--destination <id>', 'all of one destination', toCount)
  .addOption(new Option('--state <state>', 'dead ones, or done ones too').choices(['dead', 'done']))
  .option('--since <time>', 'recorded at or after')
  .option('--until <time>', 'recorded before')
  .option('--limit <n>', 'replay at most so many', toCount)
  .option('--dry-run', 'only count what matches')
  .option('--yes', 'do not ask')
  .action(
    (
      options: ClientOptions & {
        delivery?: string[];
        destination?: number;
        state?: string;
        since?: string;
        until?: string;
        limit?: number;
        dryRun?: boolean;
        yes?: boolean;
      },
    ) => {
      const { delivery: deliveryIds, destination: destinationId, state, since, until, limit } = options;
      if (deliveryIds === undefined && destinationId === undefined && since === undefined)
        throw new GatewayError(
          'bad_command',
          'Say which: --delivery, --destination, or --since (and --until).',
        );
      return withApi(options, (api, output) =>
        replay(api, output, defined({ deliveryIds, destinationId, state, since, until, limit }), options),
      );
    },
  );

clientCommand(
  program,
  'preflight <callback-url>',
  'Grade a callback endpoint; exit code 1 when something fails',
  'chasqui preflight https://example.com/inbound',
).action((callbackUrl: string, options: ClientOptions) =>
  withApi(options, (api, output) => runPreflight(api, output, callbackUrl)),
);
clientCommand(
  program,
  'erase <user>',
  'Erase what a user wrote and was written to; the facts stay',
  'chasqui erase 15550002222',
)
  .option('--channel <id>', 'on one channel only')
  .option('--dry-run', 'only count what would go')
  .option('--yes', 'do not ask')
  .action((userId: string, options: ClientOptions & { channel?: string; dryRun?: boolean; yes?: boolean }) =>
    withApi(options, (api, output) =>
      eraseUser(api, output, { userId, ...defined({ channelId: options.channel }) }, options),
    ),
  );

clientCommand(
  program,
  'give-up',
  'Give up deliveries that are not over: those that settings do not want any more, or all of a destination',
  'chasqui give-up --destination 3 --dry-run',
)
  .option('--delivery <ids...>', 'these deliveries')
  .option('--destination <id>', 'of one destination', toCount)
  .addOption(
    new Option('--state <state>', 'those not wanted, or all that are not over').choices(['unwanted', 'open']),
  )
  .option('--since <time>', 'recorded at or after')
  .option('--until <time>', 'recorded before')
  .option('--dry-run', 'only count what would be given up')
  .option('--yes', 'do not ask')
  .action(
    (
      options: ClientOptions & {
        delivery?: string[];
        destination?: number;
        state?: string;
        since?: string;
        until?: string;
        dryRun?: boolean;
        yes?: boolean;
      },
    ) => {
      const { delivery: deliveryIds, destination: destinationId, state, since, until } = options;
      if (state === 'open' && deliveryIds === undefined && destinationId === undefined)
        throw new GatewayError('bad_command', 'Say of which destination: --destination.');
      return withApi(options, (api, output) =>
        giveUp(api, output, defined({ deliveryIds, destinationId, state, since, until }), options),
      );
    },
  );

const destinations = program
  .command('destinations')
  .description('List callback URLs, name, move and remove them, hand over what waits for them');
clientCommand(destinations, 'list', 'List callback URLs', 'chasqui destinations list').action(
  (options: ClientOptions) => withApi(options, listDestinations),
);
clientCommand(
  destinations,
  'set <id>',
  'Name a callback URL, give it another address, or switch it on or off',
  'chasqui destinations set 3 --address https://crm.example.com/receipts --name CRM',
)
  .option('--name <name>', 'what it is called; empty takes the name away')
  .option('--address <callback-url>', 'another address; what waits, secrets and settings go along')
  .addOption(new Option('--state <state>', 'on or off').choices(['active', 'off']))
  .action((id: string, options: ClientOptions & { name?: string; address?: string; state?: string }) =>
    withApi(options, (api, output) =>
      setDestination(
        api,
        output,
        id,
        defined({ name: options.name, url: options.address, state: options.state }),
      ),
    ),
  );
clientCommand(
  destinations,
  'hand-over <id>',
  'Hand what waits for a callback URL over to another one',
  'chasqui destinations hand-over 3 --to 4 --dry-run',
)
  .requiredOption('--to <id>', 'the destination that gets it', toCount)
  .option('--dry-run', 'only count what would go')
  .option('--yes', 'do not ask')
  .action((id: string, options: ClientOptions & { to: number; dryRun?: boolean; yes?: boolean }) =>
    withApi(options, (api, output) => handOver(api, output, { from: id, to: options.to }, options)),
  );
clientCommand(
  destinations,
  'remove <id>',
  'Remove a callback URL that no settings name, and give up what waits for it',
  'chasqui destinations remove 3 --dry-run',
)
  .option('--dry-run', 'only tell what would be given up')
  .option('--yes', 'do not ask')
  .action((id: string, options: ClientOptions & { dryRun?: boolean; yes?: boolean }) =>
    withApi(options, (api, output) => removeDestination(api, output, id, options)),
  );

interface EventOptions extends ClientOptions {
  readonly channel?: string;
  readonly reason?: string;
  readonly messages?: boolean;
  readonly since?: string;
  readonly until?: string;
}

const toEventFilter = ({ channel: channelId, reason, messages, since, until }: EventOptions) =>
  defined({ channelId, reason, mayBeMessage: messages, since, until });

const withEventFilter = (command: Command): Command =>
  command
    .option('--channel <id>', 'of one channel')
    .addOption(new Option('--reason <reason>', 'with a remark of this reason').choices([...remarkReasons]))
    .option('--messages', "only what may be a user's message")
    .option('--since <time>', 'received at or after')
    .option('--until <time>', 'received before');

const events = program
  .command('events')
  .description('What channels posted and what of it gave no receipt: list it, and read it again');
withEventFilter(
  clientCommand(events, 'list', 'List raw events, newest first', 'chasqui events list --messages'),
)
  .option('--all', 'those that gave nothing but receipts too')
  .option('--limit <n>', 'at most so many', toCount, 200)
  .action((options: EventOptions & { all?: boolean; limit: number }) =>
    withApi(options, (api, output) =>
      listEvents(api, output, toEventFilter(options), { limit: options.limit, isAll: options.all === true }),
    ),
  );
clientCommand(
  events,
  'show <id>',
  'Tell what of a raw event gave no receipt, and why',
  'chasqui events show 7319026123456512',
).action((id: string, options: ClientOptions) =>
  withApi(options, (api, output) => showEvent(api, output, id)),
);
withEventFilter(
  clientCommand(
    events,
    'reread [id]',
    'Read one raw event again, or all that match; what was told before is not told again',
    'chasqui events reread --channel shop --dry-run',
  ),
)
  .option('--dry-run', 'only count what matches')
  .option('--yes', 'do not ask')
  .action((id: string | undefined, options: EventOptions & { dryRun?: boolean; yes?: boolean }) =>
    withApi(options, (api, output) =>
      id === undefined
        ? rereadEvents(api, output, toEventFilter(options), { ...options, now: machineTime.now() })
        : rereadEvent(api, output, id),
    ),
  );

const channels = program
  .command('channels')
  .description('List channels, check them at their vendors, subscribe them, change their secrets');
clientCommand(channels, 'list', 'List channels', 'chasqui channels list').action((options: ClientOptions) =>
  withApi(options, listChannels),
);
clientCommand(
  channels,
  'check <id>',
  'Look whether a channel can work; exit code 1 when not',
  'chasqui channels check shop',
).action((id: string, options: ClientOptions) =>
  withApi(options, (api, output) => checkChannel(api, output, id)),
);
clientCommand(
  channels,
  'senders <id>',
  'Ask the vendor which senders there are',
  'chasqui channels senders shop',
).action((id: string, options: ClientOptions) =>
  withApi(options, (api, output) => listFoundSenders(api, output, id)),
);
clientCommand(
  channels,
  'subscribe <id>',
  'Have the vendor post the events of a channel here',
  'chasqui channels subscribe shop',
).action((id: string, options: ClientOptions) =>
  withApi(options, (api, output) => subscribeChannel(api, output, id)),
);
clientCommand(
  channels,
  'import-templates <id>',
  'Take over the templates that a channel has at its vendor; exit code 1 when some say otherwise here',
  'chasqui channels import-templates shop',
)
  .option('--replace', 'takes what the vendor has where a template here never reached it and says otherwise')
  .action((id: string, options: ClientOptions & { replace?: boolean }) =>
    withApi(options, (api, output) => importTemplates(api, output, id, options.replace === true)),
  );
clientCommand(
  channels,
  'rotate <id>',
  'Change a credential; its new value is read from standard input',
  'chasqui channels rotate shop --credential appSecret --overlap 86400 < new-secret',
)
  .addOption(
    new Option('--credential <name>', 'which one')
      .choices(['appSecret', 'verifyToken', 'accessToken', 'authToken', 'pathSecret'])
      .makeOptionMandatory(),
  )
  .option('--overlap <seconds>', 'how long an old secret is taken as well', toCount, 86_400)
  .action((id: string, options: ClientOptions & { credential: string; overlap: number }) =>
    withApi(options, (api, output) =>
      rotateCredential(api, output, id, { name: options.credential, overlapSeconds: options.overlap }),
    ),
  );

interface MachineOptions extends StorePlace {
  readonly account?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** A command that may be called at the machine of the service, without a key. */
function atMachine(command: Command, what: string): Command {
  return command
    .option('--data-dir <folder>', `${what}, whether it runs or not (DATA_DIR)`)
    .option('--database-url <url>', 'of a database; better given as DATABASE_URL, with MASTER_KEY')
    .option('--config <file>', 'a settings file that names either')
    .option('--account <uid>', 'with these: the account; the first one when left out')
    .option('--dry-run', 'with these: only tell what would be done')
    .option('--yes', 'with these: do not ask');
}

const keys = program.command('keys').description('List, make, disable, enable and rotate access keys');
clientCommand(keys, 'list', 'List access keys', 'chasqui keys list').action((options: ClientOptions) =>
  withApi(options, listKeys),
);
atMachine(
  clientCommand(
    keys,
    'create',
    'Make an access key; its secret is shown once. Without a key, at the machine of the service: --data-dir or DATABASE_URL',
    'chasqui keys create --name puller --role receive --address 192.0.2.7\n  chasqui keys create --data-dir /var/lib/chasqui',
  ),
  'without a key: the data folder of the service',
)
  .option('--name <name>', 'what it is called')
  .addOption(
    new Option('--role <role>', 'what it may do; full when left out').choices([
      'full',
      'send',
      'receive',
      'read',
    ]),
  )
  .option('--address <addresses...>', 'addresses and CIDR ranges that it may be used from; any when left out')
  .action(makeKey);
for (const verb of ['disable', 'enable'] as const) {
  clientCommand(
    keys,
    `${verb} <id>`,
    `${verb === 'disable' ? 'Disable' : 'Enable'} an access key`,
    `chasqui keys ${verb} LTAI…`,
  ).action((id: string, options: ClientOptions) =>
    withApi(options, (api, output) => setKey(api, output, id, verb)),
  );
}
clientCommand(
  keys,
  'rotate <id>',
  'Make a key in the place of another, which is disabled',
  'chasqui keys rotate LTAI… --keep-old',
)
  .option('--keep-old', 'leave the old key working')
  .action((id: string, options: ClientOptions & { keepOld?: boolean }) =>
    withApi(options, (api, output) => rotateKey(api, output, id, options.keepOld === true)),
  );

const users = program.command('users').description('Let a user of the console in again');
atMachine(
  users
    .command('reset <name>')
    .description('Give a user a password for one sign-in, at the machine of the service; his sessions end')
    .addHelpText('after', '\nExample:\n  chasqui users reset ana --totp --data-dir /var/lib/chasqui'),
  'the data folder of the service',
)
  .option('--totp', 'take his authenticator app away as well, with its recovery codes')
  .option('--json', 'print JSON, one result a line')
  .action(async (userName: string, options: MachineOptions & { totp?: boolean; json?: boolean }) => {
    const { resetUserAtMachine } = await import('./way-back.ts');
    const output = openOutput(options.json === true, machineTime);
    await resetUserAtMachine(output, options, { userName, ...options }, options);
  });

const accounts = program
  .command('accounts')
  .description('List and make accounts, with a key of the first one');
clientCommand(accounts, 'list', 'List accounts', 'chasqui accounts list').action((options: ClientOptions) =>
  withApi(options, listAccounts),
);
clientCommand(
  accounts,
  'create',
  'Make an account with its first key, whose secret is shown once',
  'chasqui accounts create --name "Second shop"',
)
  .requiredOption('--name <name>', 'what it is called')
  .option('--id <uid>', 'its uid; at random when left out')
  .action((options: ClientOptions & { name: string; id?: string }) =>
    withApi(options, (api, output) =>
      createAccount(api, output, { name: options.name, ...defined({ id: options.id }) }),
    ),
  );

interface KeyCreateOptions extends ClientOptions, MachineOptions {
  readonly name?: string;
  readonly role?: string;
  readonly address?: string[];
}

/** Asks a service for a key, or makes one at its machine where that is named, or no key is there to ask with. */
async function makeKey({ name, role, address, ...options }: KeyCreateOptions): Promise<void> {
  const hasKey = (options.keyId ?? process.env['CHASQUI_KEY_ID'] ?? '') !== '';
  if (!isAtMachine(options, hasKey)) {
    if (options.account !== undefined || options.dryRun === true)
      throw new GatewayError(
        'bad_command',
        '--account and --dry-run are for the machine of the service: name its --data-dir, or DATABASE_URL.',
      );
    await withApi(options, (api, output) =>
      createKey(api, output, defined({ name, role, addresses: address })),
    );
    return;
  }
  if ((role ?? 'full') !== 'full' || address !== undefined)
    throw new GatewayError(
      'bad_command',
      'At the machine a key of role full is made, which may be used from anywhere. Make others with it.',
    );
  const { makeKeyAtMachine } = await import('./way-back.ts');
  const output = openOutput(options.json === true, machineTime);
  await makeKeyAtMachine(output, options, { ...options, ...defined({ name }) }, options);
}

function toCount(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new GatewayError('bad_command', `${toShown(text)} is not a whole number.`);
}

/** The members that are there: an option that was not given is undefined. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

endWithPipes();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/**
 * Whoever reads what a command prints may have had enough of it, as `head` has: one that goes on until it is ended does so then. Any other
 * ends by itself, unread: what it is changing would be left half done, and what it keeps meanwhile would be left behind.
 */
function endWithPipes(): void {
  const isEndless = ['tail', 'simulate'].includes(process.argv[2] ?? '');
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (isEndless) process.exit();
    });
}

/** Says what went wrong, and returns the exit code: 2 for what was asked wrongly, 1 for what failed. */
function report(error: unknown): number {
  // Commander has said it already; help and version are no failure.
  if (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  )
    return error.exitCode === 0 ? 0 : 2;
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof GatewayError)
    return error.code === 'bad_command' || error.code === 'bad_settings' ? 2 : 1;
  return 1;
}
