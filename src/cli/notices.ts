// Notices, and who is told of them.
import type { AnsweredPage, ApiClient } from './api-client.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

interface NoticeLine {
  readonly at: string;
  readonly severity: string;
  readonly code: string;
  readonly isOver: boolean;
  readonly subject: string;
  readonly text: string;
}

interface TargetLine {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly to: readonly string[];
  readonly severity: string;
  readonly state: string;
  readonly waiting: number;
  readonly failingSince: string | null;
  readonly lastError: string;
  readonly secret?: string;
}

/** A target as it is wanted: `address` is its URL, or an address of e-mail, once for each. */
export interface TargetWish {
  readonly name?: string;
  readonly address?: readonly string[];
  readonly secret?: string;
  readonly language?: string;
  readonly severity?: string;
  readonly code?: readonly string[];
  readonly state?: string;
}

const targets = '/api/v1/notice-targets';
const path = (id: string): string => `${targets}/${encodeURIComponent(id)}`;

export async function listNotices(api: ApiClient, output: Output, limit: number): Promise<void> {
  const { items } = await api.send<AnsweredPage<NoticeLine>>('GET', `/api/v1/notices?limit=${limit}`);
  const rows = items.map(({ at, severity, code, isOver, subject, text }) => [
    at,
    isOver ? 'over' : severity,
    code,
    subject,
    text,
  ]);
  output.result(toTable([['AT', 'SEVERITY', 'CODE', 'SUBJECT', 'TEXT'], ...rows]), items);
}

export async function listTargets(api: ApiClient, output: Output, ofOperator: boolean): Promise<void> {
  const { items } = await api.send<AnsweredPage<TargetLine>>(
    'GET',
    ofOperator ? `${targets}/operator` : targets,
  );
  const rows = items.map(({ id, kind, state, severity, waiting, failingSince, lastError, name, to }) =>
    [id, kind, state, severity, waiting, failingSince ?? '', name, to.join(','), lastError].map(String),
  );
  const head = ['ID', 'KIND', 'STATE', 'SEVERITY', 'WAITING', 'FAILING SINCE', 'NAME', 'TO', 'LAST ERROR'];
  output.result(toTable([head, ...rows]), items);
}

export async function addTarget(
  api: ApiClient,
  output: Output,
  kind: string,
  wish: TargetWish,
): Promise<void> {
  const made = await api.send<TargetLine>('POST', targets, { kind, ...toBody(kind, wish) });
  const told = made.secret === undefined ? '' : `\nsecret  ${made.secret}\nThe secret is shown this once.`;
  output.result(`${made.id}: ${made.name}, ${made.kind}, ${made.to.join(', ')}${told}`, made);
}

export async function setTarget(api: ApiClient, output: Output, id: string, wish: TargetWish): Promise<void> {
  const { kind } = await api.send<TargetLine>('GET', path(id));
  const changed = await api.send<TargetLine>('PATCH', path(id), toBody(kind, wish));
  output.result(
    `${id}: ${changed.name}, ${changed.kind}, ${changed.to.join(', ')}, ${changed.state}`,
    changed,
  );
}

/** Sends a test; resolves to whether it was taken. */
export async function testTarget(
  api: ApiClient,
  output: Output,
  id: string,
  ofOperator: boolean,
): Promise<boolean> {
  const where = ofOperator ? `${targets}/operator/${encodeURIComponent(id)}` : path(id);
  const told = await api.send<{ outcome: string; reason: string }>('POST', `${where}/test`);
  const isTold = told.outcome === 'told';
  output.result(`It was ${isTold ? '' : 'not '}taken. ${told.reason}`.trimEnd(), told);
  return isTold;
}

export async function removeTarget(api: ApiClient, output: Output, id: string): Promise<void> {
  await api.send('DELETE', path(id));
  output.result(`${id} is told no more.`, { id });
}

function toBody(kind: string, { address, code, ...rest }: TargetWish): Record<string, unknown> {
  const place = address === undefined ? {} : kind === 'email' ? { addresses: address } : { url: address[0] };
  return { ...rest, ...place, ...(code !== undefined && { codes: code }) };
}
