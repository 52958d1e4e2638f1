import { prepareRestore } from '../compose/restore.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import type { Output } from './output.ts';
import { readSettings } from './start.ts';

interface RestoreOptions extends Consent {
  /** Whether a store that is there may be put aside. */
  readonly replace?: boolean;
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
  const prepared = await prepareRestore({ settings, address, replaces: options.replace === true, now });
  try {
    const { source, folder, aside } = prepared;
    const { madeAt, version, schema, store, media, rows } = source.manifest;
    const found = { backup: source.address, madeAt, version, schema, rows, store, media, folder, aside };
    const count = Object.values(rows).reduce((sum, one) => sum + one, 0);
    const what = `${source.address}, begun ${madeAt} by version ${version}: ${count} rows, ${store.bytes} bytes and ${media.files} media files`;
    const kept = aside === null ? '' : ` What is there is kept as ${aside} in it.`;
    if (options.dryRun === true) {
      output.result(`It is whole and fits. This would put into ${folder}: ${what}.${kept}`, found);
      return;
    }
    await confirm(
      `This puts into ${folder}: ${what}.${kept} What came after ${madeAt} is not in it.`,
      options,
      false,
    );
    prepared.commit();
    output.result(
      [
        `Restored ${source.address} to ${folder}.`,
        ...(aside === null
          ? []
          : [`What was there is in ${folder}/${aside}; take it away when you need it no more.`]),
        `What came after ${madeAt} is not in it, and what was under way then is done again ("After a restore" in docs/operations.md).`,
      ].join('\n'),
      found,
    );
  } finally {
    prepared.close();
  }
}
