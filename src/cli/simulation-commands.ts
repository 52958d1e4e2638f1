// What plays users, channels and vendors, and shows the way of a receipt.
import { Option } from 'commander';
import type { Command } from 'commander';
import { clientCommand, withApi, toCount, pickGiven } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { toApiAccess } from './api-client.ts';
import { defaultSender, simulateBurst, simulateMessage, simulateStatus } from './simulation.ts';
import { smoke } from './smoke.ts';
import { addVendorCommands } from './vendors.ts';
import { messageStatuses } from '../domain/receipt.ts';
import type { Time } from '../runtime/clock.ts';

/** Adds what shows the way of a receipt. */
export function addSmokeCommand(program: Command, time: Time): void {
  clientCommand(
    program,
    'smoke',
    'Show the whole way of a receipt, on a throw-away service or on the one given',
    'chasqui smoke',
  ).action(async (options: AccessOptions) => {
    const isGiven = (options.url ?? process.env['CHASQUI_URL']) !== undefined;
    await smoke(isGiven ? toApiAccess(options) : null, time);
  });
}

/** Adds what plays end users, the channel and the vendors. */
export function addSimulateCommands(program: Command, time: Time): void {
  const simulate = program
    .command('simulate')
    .description('Play end users and the channel on the sandbox, or the API and webhooks of a vendor');
  addVendorCommands(simulate, time);

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
    .action((options: AccessOptions & { sender: string; from: string; type: string }) =>
      withApi(options, time, (api, output) => simulateMessage(api, output, options)),
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
      }: AccessOptions & { sender: string; messageId: string; to: string; status: string }) =>
        withApi({ ...pickGiven({ url, keyId, keySecret, json }) }, time, (api, output) =>
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
    .action((options: AccessOptions & { sender: string; count: number; rate: number }) =>
      withApi(options, time, (api, output) =>
        simulateBurst(api, output, { ...options, monotonic: time.monotonic }),
      ),
    );
}
