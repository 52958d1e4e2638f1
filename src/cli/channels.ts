import type { AnsweredPage, ApiClient } from './api-client.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';
import { readSecret } from './secret-input.ts';

interface Channel {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly hookUrl: string;
}

interface FoundSender {
  readonly id: string;
  readonly name: string;
  readonly phoneNumberId?: string;
  readonly added: boolean;
}

interface ChannelCheck {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly text: string }[];
}

const pathOf = (channelId: string): string => `/api/v1/channels/${encodeURIComponent(channelId)}`;

export async function listChannels(api: ApiClient, output: Output): Promise<void> {
  const { items } = await api.send<AnsweredPage<Channel>>('GET', '/api/v1/channels');
  const rows = items.map(({ id, type, name, hookUrl }) => [id, type, name, hookUrl]);
  output.result(toTable([['ID', 'TYPE', 'NAME', 'HOOK URL'], ...rows]), items);
}

/** Checks a channel; the exit code is 1 when anything is wrong. */
export async function checkChannel(api: ApiClient, output: Output, channelId: string): Promise<void> {
  const check = await api.send<ChannelCheck>('POST', `${pathOf(channelId)}/check`);
  const rows = check.checks.map(({ name, ok, text }) => [ok ? 'ok' : 'WRONG', name, text]);
  output.result(toTable(rows), check);
  if (!check.ok) process.exitCode = 1;
}

export async function listFoundSenders(api: ApiClient, output: Output, channelId: string): Promise<void> {
  const { items } = await api.send<AnsweredPage<FoundSender>>(
    'GET',
    `${pathOf(channelId)}/available-senders`,
  );
  const rows = items.map(({ id, name, phoneNumberId, added }) => [
    id,
    phoneNumberId ?? '',
    added ? 'added' : '',
    name,
  ]);
  output.result(toTable([['ID', 'PHONE NUMBER ID', 'STATE', 'NAME'], ...rows]), items);
}

export async function subscribeChannel(api: ApiClient, output: Output, channelId: string): Promise<void> {
  await api.send('POST', `${pathOf(channelId)}/subscribe`);
  output.result(`The vendor posts the events of ${channelId} here now.`, { channelId, subscribed: true });
}

interface TemplateImport {
  readonly listed: number;
  readonly made: number;
  readonly changed: number;
  readonly isWhole: boolean;
  readonly differing: readonly {
    readonly name: string;
    readonly language: string;
    readonly differences: readonly string[];
  }[];
  readonly unread: readonly {
    readonly name: string;
    readonly language: string;
    readonly parts: readonly string[];
  }[];
}

/** Takes over the templates that a channel has at its vendor; the exit code is 1 when some say otherwise here. */
export async function importTemplates(
  api: ApiClient,
  output: Output,
  channelId: string,
  replace: boolean,
): Promise<void> {
  const path = `${pathOf(channelId)}/templates/import`;
  const told = await api.send<TemplateImport>('POST', path, { replace });
  const { listed, made, changed, isWhole, differing, unread } = told;
  const lines = [
    `The vendor has ${listed}: ${made} were not here, ${changed} stood otherwise. They were taken over.`,
    ...(isWhole
      ? []
      : ["The vendor's list was left at its bound, or holds what cannot be read; there may be more."]),
    ...differing.map(
      ({ name, language, differences }) =>
        `${name} (${language}) says otherwise here and stays: ${differences.join('; ')}. --replace takes what the vendor has.`,
    ),
    ...unread.map(
      ({ name, language, parts }) =>
        `${name} (${language}) holds what is not known here: ${parts.join('; ')}.`,
    ),
  ];
  output.result(lines.join('\n'), told);
  if (differing.length > 0) process.exitCode = 1;
}

/** Changes one credential; the new value is read from standard input, so that it is in no list of processes. */
export async function rotateCredential(
  api: ApiClient,
  output: Output,
  channelId: string,
  { name, overlapSeconds }: { readonly name: string; readonly overlapSeconds: number },
): Promise<void> {
  const value = await readSecret(name);
  const rotated = await api.send<{ keptUntil: string | null }>(
    'POST',
    `${pathOf(channelId)}/credentials/rotate`,
    { credentials: { [name]: value }, overlapSeconds },
  );
  const old = rotated.keptUntil === null ? '' : ` The old one is taken as well until ${rotated.keptUntil}.`;
  output.result(`${name} of ${channelId} is changed.${old}`, rotated);
}
