// An operator's way back in at the machine of the service, whether that runs or not: a key, or a password for one sign-in.
import { openWayBack } from '../compose/way-back.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import { showSecret } from './keys.ts';
import type { Output } from './output.ts';
import type { StorePlace } from './place.ts';
import { readSettings } from './start.ts';

/** Makes a key that may do everything for an account, the first one where none is named. */
export async function makeKeyAtMachine(
  output: Output,
  place: StorePlace,
  wanted: { readonly account?: string; readonly name?: string },
  consent: Consent,
): Promise<void> {
  const { name } = wanted;
  const wayBack = await open(place);
  try {
    const { account } = await wayBack.find(wanted.account === undefined ? {} : { accountId: wanted.account });
    const what = `This makes an access key of role full, which may be used from anywhere, for the account ${account.id} (${account.name}).`;
    if (consent.dryRun === true) {
      output.result(what, { account });
      return;
    }
    await confirm(what, consent, false);
    const key = await wayBack.makeKey({ accountId: account.id, ...(name === undefined ? {} : { name }) });
    showSecret(output, key);
  } finally {
    await wayBack.close();
  }
}

/** Gives a user of an account, the first one where none is named, a password for one sign-in, and with `totp` takes his app away. */
export async function resetUserAtMachine(
  output: Output,
  place: StorePlace,
  wanted: { readonly userName: string; readonly account?: string; readonly totp?: boolean },
  consent: Consent,
): Promise<void> {
  const { userName, account: accountId, totp: removesApp = false } = wanted;
  const wayBack = await open(place);
  try {
    const { account, user } = await wayBack.find({
      userName,
      ...(accountId === undefined ? {} : { accountId }),
    });
    // A user that was asked for is found, or it is said that he is not.
    if (user === null) return;
    const codes = removesApp && user.hasApp ? ', takes his authenticator app and recovery codes away' : '';
    const what = `This gives the ${user.role} ${user.name} of the account ${account.id} (${account.name}) a password for one sign-in${codes}, and ends his sessions.`;
    if (consent.dryRun === true) {
      output.result(what, { account, user });
      return;
    }
    await confirm(what, consent);
    const { name, password, passwordEndsAt } = await wayBack.resetUser({
      accountId: account.id,
      userId: user.id,
      removesApp,
    });
    const until = new Date(passwordEndsAt).toISOString();
    const notes = [
      ...(user.state === 'disabled' ? ['The user is disabled: an owner has to enable him first.'] : []),
      ...(user.hasApp && !removesApp
        ? ['Signing in takes a code of his app, or a recovery code. --totp takes the app away.']
        : []),
    ];
    output.result(
      [
        `user      ${name}`,
        `password  ${password}`,
        `Shown this once. It is good for one sign-in until ${until}, which asks for a new one.`,
        ...notes,
      ].join('\n'),
      { accountId: account.id, name, password, passwordEndsAt: until, state: user.state },
    );
  } finally {
    await wayBack.close();
  }
}

function open({ dataDir, databaseUrl, config }: StorePlace): ReturnType<typeof openWayBack> {
  const flags = { 'data-dir': dataDir, 'database-url': databaseUrl, config };
  const args = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}=${value}`],
  );
  return openWayBack(readSettings(args).settings);
}
