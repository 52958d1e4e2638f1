import { prepareRestore } from '../compose/restore.ts';
import type { CopiedAccess } from '../domain/backup.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import type { Output } from './output.ts';
import { readSettings } from './start.ts';

interface RestoreOptions extends Consent {
  /** Whether a store that is there may be put aside. */
  readonly replace?: boolean;
  /** Whether messages that wait in the backup are sent, though they may have been sent since. */
  readonly resend?: boolean;
}

/** Puts a backup into the data folder, after it was fetched, looked through and told. */
export async function restore(
  output: Output,
  address: string,
  args: readonly string[],
  options: RestoreOptions,
  now: number,
): Promise<void> {
  const { settings } = readSettings(args);
  const { replace: replaces = false, resend: resends = false } = options;
  const prepared = await prepareRestore({ settings, address, replaces, resends, now });
  try {
    const { source, folder, waiting, access, aside } = prepared;
    const { madeAt, version, schema, store, media, rows } = source.manifest;
    const backup = source.address;
    const about = { backup, madeAt, version, schema, rows, store, media };
    const found = { ...about, waiting, resends, access, folder, aside };
    const count = Object.values(rows).reduce((sum, one) => sum + one, 0);
    const what = `${backup}, begun ${madeAt} by version ${version}: ${count} rows, ${store.bytes} bytes and ${media.files} media files`;
    const kept = aside === null ? '' : ` What is there is kept as ${aside} in it.`;
    const lost = `What came after ${madeAt} is not in it.${tellWaiting(waiting, resends)}${tellEnded(access)}`;
    if (options.dryRun === true) {
      output.result(`It is whole and fits. This would put into ${folder}: ${what}.${kept} ${lost}`, found);
      return;
    }
    await confirm(`This puts into ${folder}: ${what}.${kept} ${lost}`, options, false);
    prepared.commit();
    output.result(
      [
        `Restored ${backup} to ${folder}.`,
        ...(aside === null
          ? []
          : [`What was there is in ${folder}/${aside}; take it away when you need it no more.`]),
        lost,
        ...tellToLookThrough(access, madeAt),
        'What was under way then is done again ("After a restore" in docs/operations.md).',
      ].join('\n'),
      found,
    );
  } finally {
    prepared.close();
  }
}

/** Nobody can know of messages that waited then whether they were sent since. */
function tellWaiting(waiting: number, resends: boolean): string {
  if (waiting === 0) return '';
  return resends
    ? ` Messages that waited to be sent then, and are sent now whether or not they were since: ${waiting}.`
    : ` Messages that waited to be sent then, and may have been since: ${waiting}. They are in doubt, and neither they nor short messages in their place are sent unless CHASQUI_SEND_UNKNOWN_THEN says so; --resend sends them.`;
}

/** Nobody can know which of them were ended or revoked since. */
function tellEnded({ sessions, portalLinks }: CopiedAccess): string {
  const ended = [
    ...(sessions === 0 ? [] : [`sessions: ${sessions}`]),
    ...(portalLinks === 0 ? [] : [`portal links: ${portalLinks}`]),
  ];
  return ended.length === 0 ? '' : ` What gave access then and ends with this: ${ended.join(', ')}.`;
}

/** What works again though it may have been taken away since. */
function tellToLookThrough({ keys, users }: CopiedAccess, madeAt: string): readonly string[] {
  const list = (named: CopiedAccess['keys']): string => {
    const rest = named.count - named.names.length;
    return `${named.count} (${named.names.join(', ')}${rest === 0 ? '' : `, and ${rest} older`})`;
  };
  return [
    `Look through what is as it was at ${madeAt}, and take away again what was taken away since:`,
    ...(keys.count === 0 ? [] : [`- access keys that work: ${list(keys)}`]),
    ...(users.count === 0
      ? []
      : [`- people who may sign in, with the roles and passwords of then: ${list(users)}`]),
    '- secrets of callback URLs and credentials of channels, where they were changed since',
  ];
}
