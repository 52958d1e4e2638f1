import { findConsoleUrl } from '../config/console-url.ts';
import type { Settings } from '../config/table.ts';

/** A service that is listening, and its first account where this start made it. */
interface Started {
  readonly address: string;
  readonly adminAddress: string;
  readonly firstAccount: {
    readonly accountId: number;
    readonly keyId: string;
    readonly keySecret: string;
    readonly isSecretNew: boolean;
  } | null;
}

/** What to call it by: by others at the addresses that the settings say, on this machine where it listens. */
export function toBanner(
  { address, adminAddress, firstAccount }: Started,
  settings: Pick<Settings, 'host' | 'publicUrl' | 'consoleUrl' | 'adminPort'>,
): string {
  const isEverywhere = ['0.0.0.0', '::'].includes(settings.host);
  const everywhere = isEverywhere
    ? `, and on every other address of this machine (HOST ${settings.host})`
    : '';
  const lines = ['', `Chasqui is listening on ${address}${everywhere}`, ''];
  if (firstAccount !== null) {
    const { accountId, keyId, keySecret, isSecretNew } = firstAccount;
    lines.push(
      'This is the first start. The first account and its key, shown this once:',
      '',
      `  account id         ${accountId}`,
      `  access key id      ${keyId}`,
      `  access key secret  ${isSecretNew ? keySecret : '(the one you gave)'}`,
      '',
    );
  }
  lines.push(
    `  SMQ endpoint  ${settings.publicUrl ?? address}`,
    `  console       ${findConsoleUrl(settings) ?? adminAddress}/console/`,
    `  health        ${adminAddress}/health/ready`,
    '',
  );
  if (firstAccount !== null) {
    const { keyId, keySecret, isSecretNew } = firstAccount;
    const user = `${keyId}:${isSecretNew ? keySecret : "'your secret'"}`;
    lines.push(
      'Try it: let the sandbox play a user, then look at what came of it.',
      '',
      `  curl -u ${user} -H 'content-type: application/json' \\`,
      `    -d '{"from":"15550002222","type":"text","text":"hello"}' ${address}/sandbox/15550100001/inbound`,
      `  curl -u ${user} ${adminAddress}/api/v1/receipts`,
      '',
    );
  }
  return lines.join('\n');
}
