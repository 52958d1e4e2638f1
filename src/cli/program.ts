// Every command that there is.
import { Command } from 'commander';
import { addAccountCommands, addKeyCommands, addLimitCommands, addUserCommands } from './access-commands.ts';
import { addNoticeCommands } from './notice-commands.ts';
import { addChannelCommands } from './channel-commands.ts';
import { addClockCommands } from './clock-commands.ts';
import {
  addDestinationCommands,
  addEraseCommand,
  addGiveUpCommand,
  addPreflightCommand,
  addReplayCommand,
  addTailCommand,
} from './delivery-commands.ts';
import { addEventCommands } from './event-commands.ts';
import { addSettingCommands } from './setting-commands.ts';
import { addServiceCommands, addStoreCommands } from './service-commands.ts';
import { addSimulateCommands, addSmokeCommand } from './simulation-commands.ts';
import type { Time } from '../runtime/clock.ts';
import { version } from '../runtime/release.ts';

/** The command line as it is declared; nothing runs until it is given words to parse. Times are of `time`. */
export function createProgram(time: Time): Command {
  const program = new Command('chasqui')
    .description(
      'Hands every receipt of your chats on WhatsApp, Messenger, Instagram and Viber to your own systems.',
    )
    .version(version)
    .exitOverride()
    // What was given to an option that is not known may be a secret.
    .configureOutput({ outputError: (text, write) => write(text.replace(/(--[\w-]+)=[^'\n]*/g, '$1=…')) })
    .showHelpAfterError('(--help tells more)')
    .addHelpText('beforeAll', ({ error, command }) => {
      if (!error) refuseUnknown(command);
      return '';
    });

  for (const add of [
    addServiceCommands,
    addStoreCommands,
    addClockCommands,
    addSmokeCommand,
    addSimulateCommands,
    addTailCommand,
    addReplayCommand,
    addPreflightCommand,
    addEraseCommand,
    addGiveUpCommand,
    addDestinationCommands,
    addEventCommands,
    addChannelCommands,
    addKeyCommands,
    addUserCommands,
    addNoticeCommands,
    addAccountCommands,
    addLimitCommands,
    addSettingCommands,
  ])
    add(program, time);
  return program;
}

/** Whoever asks for help of a command that there is not is told so; Commander would show that of the one above it. */
function refuseUnknown(command: Command): void {
  const [name = '-'] = command.args;
  if (command.commands.length > 0 && !name.startsWith('-') && name !== 'help')
    command.error(`error: unknown command '${name}'`, { code: 'commander.unknownCommand' });
}
