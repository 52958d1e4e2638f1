// What people are told of, and who they are.
import { Option } from 'commander';
import type { Command } from 'commander';
import { clientCommand, withApi, pickGiven, toCount } from './command-kit.ts';
import type { AccessOptions } from './command-kit.ts';
import { addTarget, listNotices, listTargets, removeTarget, setTarget, testTarget } from './notices.ts';
import type { TargetWish } from './notices.ts';
import { readSecret } from './secret-input.ts';
import { noticeCodes, severities } from '../domain/notice.ts';
import { targetKinds, targetLanguages } from '../domain/notice-target.ts';
import { GatewayError } from '../domain/errors.ts';
import { toShown } from '../config/mask.ts';
import type { Time } from '../runtime/clock.ts';

type WishOptions = AccessOptions & Omit<TargetWish, 'secret'> & { readonly secret?: boolean };

/** What is said of a target, beside its kind. */
function withWish(command: Command): Command {
  return command
    .option('--name <name>', 'what it is called')
    .option('--address <address...>', 'its URL, or addresses of e-mail')
    .option(
      '--secret',
      "read DingTalk's signing secret, PagerDuty's routing key or a webhook's secret from standard input",
    )
    .addOption(new Option('--severity <severity>', 'the least that is told').choices(severities))
    .addOption(new Option('--code <code...>', 'kinds that are told; all when left out').choices(noticeCodes))
    .addOption(new Option('--language <language>', 'in which it is told').choices(targetLanguages));
}

async function toWish({ secret, ...options }: WishOptions): Promise<TargetWish> {
  const { name, address, language, severity, code, state } = options;
  const given = pickGiven({ name, address, language, severity, code, state });
  return secret === true ? { ...given, secret: await readSecret('secret') } : given;
}

/** Adds what lists notices, and what makes, changes, tries and takes away who is told of them. */
export function addNoticeCommands(program: Command, time: Time): void {
  const notices = program.command('notices').description('Read notices, and say who is told of them');
  clientCommand(notices, 'list', 'List notices, newest first', 'chasqui notices list --limit 20')
    .option('--limit <count>', 'so many at most', toCount, 50)
    .action((options: AccessOptions & { limit: number }) =>
      withApi(options, time, (api, output) => listNotices(api, output, options.limit)),
    );
  clientCommand(notices, 'targets', 'List who is told, and how that goes', 'chasqui notices targets')
    .option('--operator', 'those that are settings of the service; takes a key of the first account')
    .action((options: AccessOptions & { operator?: boolean }) =>
      withApi(options, time, (api, output) => listTargets(api, output, options.operator === true)),
    );
  const kinds = targetKinds.join(', ');
  withWish(
    clientCommand(
      notices,
      'add <kind>',
      `Have somebody told: ${kinds}`,
      'chasqui notices add email --name "On call" --address ops@example.com --severity error',
    ),
  ).action(async (kind: string, options: WishOptions) => {
    if (!targetKinds.some((known) => known === kind))
      throw new GatewayError('bad_command', `${toShown(kind)} is not one of ${kinds}.`);
    const wish = await toWish(options);
    await withApi(options, time, (api, output) => addTarget(api, output, kind, { name: kind, ...wish }));
  });
  withWish(
    clientCommand(notices, 'set <id>', 'Change who is told', 'chasqui notices set 0b1c… --severity critical'),
  )
    .addOption(new Option('--state <state>', 'whether it is told').choices(['active', 'off']))
    .action(async (id: string, options: WishOptions) => {
      const wish = await toWish(options);
      await withApi(options, time, (api, output) => setTarget(api, output, id, wish));
    });
  clientCommand(
    notices,
    'test <id>',
    'Send a test and tell what came of it; exit code 1 when it was not taken',
    'chasqui notices test 0b1c…',
  )
    .option('--operator', 'one that is a setting of the service; takes a key of the first account')
    .action((id: string, options: AccessOptions & { operator?: boolean }) =>
      withApi(options, time, async (api, output) => {
        if (!(await testTarget(api, output, id, options.operator === true))) process.exitCode = 1;
      }),
    );
  clientCommand(notices, 'remove <id>', 'Have somebody told no more', 'chasqui notices remove 0b1c…').action(
    (id: string, options: AccessOptions) =>
      withApi(options, time, (api, output) => removeTarget(api, output, id)),
  );
}
