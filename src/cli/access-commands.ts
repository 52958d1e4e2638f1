// Who may do what: keys, users and accounts.
import { Option } from 'commander';
import type { Command } from 'commander';
import { clientCommand, withApi, pickGiven } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { createAccount, createKey, listAccounts, listKeys, rotateKey, setKey } from './keys.ts';
import { setKeyLimits, setLimits, showLimits, toLimit } from './limits.ts';
import { openOutput } from './output.ts';
import { isAtMachine } from './place.ts';
import type { StorePlace } from './place.ts';
import { GatewayError } from '../domain/errors.ts';
import type { GivenLimit } from './limits.ts';
import type { LimitChanges } from '../domain/limits.ts';
import type { Time } from '../runtime/clock.ts';

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

/** Adds what lists, makes and switches access keys. */
export function addKeyCommands(program: Command, time: Time): void {
  const keys = program.command('keys').description('List, make, disable, enable and rotate access keys');
  clientCommand(keys, 'list', 'List access keys', 'chasqui keys list').action((options: AccessOptions) =>
    withApi(options, time, listKeys),
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
    .option(
      '--address <addresses...>',
      'addresses and CIDR ranges that it may be used from; any when left out',
    )
    .action((options: KeyCreateOptions) => makeKey(options, time));
  for (const verb of ['disable', 'enable'] as const) {
    clientCommand(
      keys,
      `${verb} <id>`,
      `${verb === 'disable' ? 'Disable' : 'Enable'} an access key`,
      `chasqui keys ${verb} LTAI…`,
    ).action((id: string, options: AccessOptions) =>
      withApi(options, time, (api, output) => setKey(api, output, id, verb)),
    );
  }
  clientCommand(
    keys,
    'rotate <id>',
    'Make a key in the place of another, which is disabled',
    'chasqui keys rotate LTAI… --keep-old',
  )
    .option('--keep-old', 'leave the old key working')
    .action((id: string, options: AccessOptions & { keepOld?: boolean }) =>
      withApi(options, time, (api, output) => rotateKey(api, output, id, options.keepOld === true)),
    );
}

/** Adds what lets users of the console in again. */
export function addUserCommands(program: Command, time: Time): void {
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
      const output = openOutput(options.json === true, time);
      await resetUserAtMachine(output, options, { userName, ...options }, options);
    });
}

/** Adds what lists and makes accounts. */
export function addAccountCommands(program: Command, time: Time): void {
  const accounts = program
    .command('accounts')
    .description('List and make accounts, with a key of the first one');
  clientCommand(accounts, 'list', 'List accounts', 'chasqui accounts list').action((options: AccessOptions) =>
    withApi(options, time, listAccounts),
  );
  clientCommand(
    accounts,
    'create',
    'Make an account with its first key, whose secret is shown once',
    'chasqui accounts create --name "Second shop"',
  )
    .requiredOption('--name <name>', 'what it is called')
    .option('--id <uid>', 'its uid; at random when left out')
    .action((options: AccessOptions & { name: string; id?: string }) =>
      withApi(options, time, (api, output) =>
        createAccount(api, output, { name: options.name, ...pickGiven({ id: options.id }) }),
      ),
    );
}

interface LimitOptions extends AccessOptions {
  readonly requestsPerSecond?: GivenLimit;
  readonly queuedMessages?: GivenLimit;
  readonly storedBytes?: GivenLimit;
}

/** Adds what shows and sets the limits of accounts and keys. */
export function addLimitCommands(program: Command, time: Time): void {
  const limits = program
    .command('limits')
    .description('Show and set what accounts, and keys of them, may use and hold');
  clientCommand(
    limits,
    'show [account]',
    "Show an account's limits and what it uses of them; your own when left out",
    'chasqui limits show\n  chasqui limits show 1000000000000077',
  ).action((account: string | undefined, options: AccessOptions) =>
    withApi(options, time, (api, output) => showLimits(api, output, account)),
  );
  withLimits(
    clientCommand(
      limits,
      'set <account>',
      'Set the limits of an account, with a key of the first one; what is left out stays',
      'chasqui limits set 1000000000000077 --requests-per-second 100 --queued-messages none',
    ),
  ).action((account: string, options: LimitOptions) =>
    withApi(options, time, (api, output) => setLimits(api, output, account, toChanges(options))),
  );
  withLimits(
    clientCommand(
      limits,
      'set-key <id>',
      "Set the limits of a key, within its account's; what is left out stays",
      'chasqui limits set-key LTAI… --requests-per-second 10',
    ),
  ).action((id: string, options: LimitOptions) =>
    withApi(options, time, (api, output) => setKeyLimits(api, output, id, toChanges(options))),
  );
}

function withLimits(command: Command): Command {
  return command
    .option(
      '--requests-per-second <n>',
      'requests in a second on each node; a number, none or default',
      toLimit,
    )
    .option('--queued-messages <n>', 'messages in queues up to which it may send', toLimit)
    .option('--stored-bytes <n>', 'bytes of files up to which it may upload', toLimit);
}

function toChanges({ requestsPerSecond, queuedMessages, storedBytes }: LimitOptions): LimitChanges {
  const given = pickGiven({ requestsPerSecond, queuedMessages, storedBytes });
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value === 'default' ? null : value]),
  );
}

interface KeyCreateOptions extends AccessOptions, MachineOptions {
  readonly name?: string;
  readonly role?: string;
  readonly address?: string[];
}

/** Asks a service for a key, or makes one at its machine where that is named, or no key is there to ask with. */
async function makeKey({ name, role, address, ...options }: KeyCreateOptions, time: Time): Promise<void> {
  const hasKey = (options.keyId ?? process.env['CHASQUI_KEY_ID'] ?? '') !== '';
  if (!isAtMachine(options, hasKey)) {
    if (options.account !== undefined || options.dryRun === true)
      throw new GatewayError(
        'bad_command',
        '--account and --dry-run are for the machine of the service: name its --data-dir, or DATABASE_URL.',
      );
    await withApi(options, time, (api, output) =>
      createKey(api, output, pickGiven({ name, role, addresses: address })),
    );
    return;
  }
  if ((role ?? 'full') !== 'full' || address !== undefined)
    throw new GatewayError(
      'bad_command',
      'At the machine a key of role full is made, which may be used from anywhere. Make others with it.',
    );
  const { makeKeyAtMachine } = await import('./way-back.ts');
  const output = openOutput(options.json === true, time);
  await makeKeyAtMachine(output, options, { ...options, ...pickGiven({ name }) }, options);
}
