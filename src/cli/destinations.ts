// Callback URLs and what waits for them.
import type { AnsweredPage, ApiClient } from './api-client.ts';
import { confirm } from './consent.ts';
import type { Consent } from './consent.ts';
import { toTable } from './output.ts';
import type { Output } from './output.ts';

interface DestinationLine {
  readonly id: number;
  readonly name: string;
  readonly url: string;
  readonly state: string;
  readonly stateReason: string;
  readonly pause: { readonly until: string; readonly reason: string } | null;
  readonly waiting: number;
  readonly unwanted: number;
  readonly dead: number;
}

interface DestinationChange {
  readonly url?: string;
  readonly name?: string;
  readonly state?: string;
}

interface GiveUpOptions {
  readonly destinationId?: number;
  readonly deliveryIds?: readonly string[];
  readonly state?: string;
  readonly since?: string;
  readonly until?: string;
}

const path = (id: string): string => `/api/v1/destinations/${encodeURIComponent(id)}`;

export async function listDestinations(api: ApiClient, output: Output): Promise<void> {
  const { items } = await api.send<AnsweredPage<DestinationLine>>('GET', '/api/v1/destinations');
  const rows = items.map(({ id, name, url, state, pause, waiting, unwanted, dead }) =>
    [id, state, pause?.until ?? '', waiting, unwanted, dead, name, url].map(String),
  );
  const head = ['ID', 'STATE', 'PAUSED UNTIL', 'WAITING', 'NOT WANTED', 'DEAD', 'NAME', 'URL'];
  output.result(toTable([head, ...rows]), items);
}

/** Names a destination, gives it another URL, or switches it on or off. */
export async function setDestination(
  api: ApiClient,
  output: Output,
  id: string,
  change: DestinationChange,
): Promise<void> {
  const changed = await api.send<DestinationLine>('PATCH', path(id), change);
  const { name, url, state, pause } = changed;
  const paused = pause === null ? '' : `, paused until ${pause.until}: ${pause.reason}`;
  output.result(`${id}: ${name === '' ? '' : `${name}, `}${url}, ${state}${paused}`, changed);
}

/** Hands what waits for one destination over to another, once somebody agreed. */
export async function handOver(
  api: ApiClient,
  output: Output,
  { from, to }: { readonly from: string; readonly to: number },
  consent: Consent,
): Promise<void> {
  const step = async (dryRun: boolean, cursor?: string) => {
    const { handedOver, next } = await api.send<{ handedOver: number; next: string | null }>(
      'POST',
      `${path(from)}/hand-over`,
      { to, dryRun, ...(cursor === undefined ? {} : { cursor }) },
    );
    return { count: handedOver, next };
  };
  const found = await walk((cursor) => step(true, cursor));
  if (consent.dryRun === true) {
    output.result(`This would hand ${found} deliveries over to ${to}.`, { handedOver: found });
    return;
  }
  await confirm(`This hands ${found} deliveries that wait for ${from} over to ${to}.`, consent);
  const handedOver = await walk(
    (cursor) => step(false, cursor),
    (count) => output.progress(`${count} of ${found} handed over`),
  );
  output.result(`${handedOver} deliveries were handed over to ${to}.`, { handedOver });
}

/** Removes a destination and gives up what waits for it, once somebody agreed. */
export async function removeDestination(
  api: ApiClient,
  output: Output,
  id: string,
  consent: Consent,
): Promise<void> {
  const ask = (dryRun: boolean) =>
    api.send<{ givenUp: number; dead: number }>('DELETE', `${path(id)}?dryRun=${dryRun}`);
  const { url } = await api.send<DestinationLine>('GET', path(id));
  const found = await ask(true);
  const what = `${found.givenUp} deliveries that wait for ${url}, and leaves ${found.dead} dead ones that cannot be replayed any more`;
  if (consent.dryRun === true) {
    output.result(`This would give up ${what}.`, found);
    return;
  }
  await confirm(`This removes the destination and its secrets, gives up ${what}.`, consent);
  const removed = await ask(false);
  output.result(`Removed ${url}; ${removed.givenUp} deliveries were given up.`, removed);
}

/** Gives up deliveries that are not over, once somebody agreed. */
export async function giveUp(
  api: ApiClient,
  output: Output,
  which: GiveUpOptions,
  consent: Consent,
): Promise<void> {
  const step = async (dryRun: boolean, cursor?: string) => {
    const { givenUp, next } = await api.send<{ givenUp: number; next: string | null }>(
      'POST',
      '/api/v1/deliveries/give-up',
      { ...which, dryRun, ...(cursor === undefined ? {} : { cursor }) },
    );
    return { count: givenUp, next };
  };
  const found = await walk((cursor) => step(true, cursor));
  if (consent.dryRun === true) {
    output.result(`This would give up ${found} deliveries.`, { givenUp: found });
    return;
  }
  await confirm(`This gives up ${found} deliveries; they are listed as dead and can be replayed.`, consent);
  const givenUp = await walk(
    (cursor) => step(false, cursor),
    (count) => output.progress(`${count} of ${found} given up`),
  );
  output.result(`${givenUp} deliveries were given up.`, { givenUp });
}

/** Takes steps until there are no more; resolves to how many deliveries they were. */
async function walk(
  step: (cursor?: string) => Promise<{ readonly count: number; readonly next: string | null }>,
  onStep: (total: number) => void = () => undefined,
): Promise<number> {
  let total = 0;
  let cursor: string | undefined;
  do {
    const { count, next }: { count: number; next: string | null } = await step(cursor);
    total += count;
    onStep(total);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return total;
}
