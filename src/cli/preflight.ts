import { parseCallbackUrl, toKeptUrl } from '../domain/callback-url.ts';
import { GatewayError } from '../domain/errors.ts';
import type { AnsweredPage, ApiClient } from './api-client.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

interface Preflight {
  readonly grade: string;
  readonly text: string;
  readonly checks: readonly { readonly name: string; readonly result: string; readonly text: string }[];
}

/** Grades the callback endpoint of a destination by its URL; the exit code is 1 when something fails. */
export async function runPreflight(api: ApiClient, output: Output, url: string): Promise<void> {
  const { items } = await api.send<AnsweredPage<{ id: number; url: string }>>('GET', '/api/v1/destinations');
  const parsed = parseCallbackUrl(url);
  if ('fault' in parsed) throw new GatewayError('bad_command', parsed.fault);
  const kept = toKeptUrl(parsed.url, items);
  const destination = items.find((item) => item.url === kept);
  if (destination === undefined)
    throw new GatewayError(
      'bad_command',
      `${parsed.url} is no callback URL of this account. Set it in a sender's webhook settings first, since its secret signs the test receipts.`,
    );
  const result = await api.send<Preflight>('POST', `/api/v1/destinations/${destination.id}/preflight`);
  const rows = result.checks.map(({ name, result: outcome, text }) => [outcome, name, text]);
  output.result(`${toTable(rows)}\n\nGrade ${result.grade}: ${result.text}`, result);
  if (result.checks.some(({ result: outcome }) => outcome === 'failed')) process.exitCode = 1;
}
