// Channels and their vendors.
import { Option } from 'commander';
import type { Command } from 'commander';
import { clientCommand, withApi, toCount } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import {
  checkChannel,
  importTemplates,
  listChannels,
  listFoundSenders,
  rotateCredential,
  subscribeChannel,
} from './channels.ts';
import type { Time } from '../runtime/clock.ts';

/** Adds what lists, checks and subscribes channels. */
export function addChannelCommands(program: Command, time: Time): void {
  const channels = program
    .command('channels')
    .description('List channels, check them at their vendors, subscribe them, change their secrets');
  clientCommand(channels, 'list', 'List channels', 'chasqui channels list').action((options: AccessOptions) =>
    withApi(options, time, listChannels),
  );
  clientCommand(
    channels,
    'check <id>',
    'Look whether a channel can work; exit code 1 when not',
    'chasqui channels check shop',
  ).action((id: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => checkChannel(api, output, id)),
  );
  clientCommand(
    channels,
    'senders <id>',
    'Ask the vendor which senders there are',
    'chasqui channels senders shop',
  ).action((id: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => listFoundSenders(api, output, id)),
  );
  clientCommand(
    channels,
    'subscribe <id>',
    'Have the vendor post the events of a channel here',
    'chasqui channels subscribe shop',
  ).action((id: string, options: AccessOptions) =>
    withApi(options, time, (api, output) => subscribeChannel(api, output, id)),
  );
  clientCommand(
    channels,
    'import-templates <id>',
    'Take over the templates that a channel has at its vendor; exit code 1 when some say otherwise here',
    'chasqui channels import-templates shop',
  )
    .option(
      '--replace',
      'takes what the vendor has where a template here never reached it and says otherwise',
    )
    .action((id: string, options: AccessOptions & { replace?: boolean }) =>
      withApi(options, time, (api, output) => importTemplates(api, output, id, options.replace === true)),
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
    .action((id: string, options: AccessOptions & { credential: string; overlap: number }) =>
      withApi(options, time, (api, output) =>
        rotateCredential(api, output, id, { name: options.credential, overlapSeconds: options.overlap }),
      ),
    );
}
