import type {
  Destination,
  DestinationSecret,
  DestinationSettings,
  DestinationState,
  StateReason,
} from '../../domain/delivery.ts';
import { inWords, toDestinationSettings } from '../../domain/delivery.ts';
import { reasoned, stateTexts } from '../../domain/findings.ts';
import type { Params, StateCode } from '../../domain/findings.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Seal } from '../seal.ts';
import { readList, readObject } from '../rows/json-column.ts';
import { isUnreadable } from '../rows/corruption.ts';

export interface DestinationRow {
  readonly id: number;
  readonly account_id: number;
  readonly name: string;
  readonly url: string;
  readonly settings: string;
  readonly state: DestinationState;
  readonly state_reason: string;
  /** '' where a text alone was written. */
  readonly state_reason_code: string;
  readonly state_reason_params: string;
  readonly state_since: number;
  readonly secrets: Uint8Array;
  readonly created_at: number;
  /** Of its pause; left out where only the destination's own row is read. */
  readonly pause_until?: number | null;
  readonly pause_status?: number | null;
  readonly pause_asked_ms?: number | null;
}

/** A destination's row beside its pause; goes on with WHERE. */
export const selectDestination = `SELECT t.*, p.until AS pause_until, p.status AS pause_status, p.asked_ms AS pause_asked_ms
  FROM destination t LEFT JOIN destination_pause p ON p.account_id = t.account_id AND p.destination_id = t.id`;

/** A destination from its row. */
export function toDestination(row: DestinationRow, seal: Seal): Destination {
  return withParts(row, readSettings(row.settings), readSecrets(row, seal));
}

/**
 * A destination of which something cannot be read: nothing is pushed to it, for by other settings an answer would be judged otherwise,
 * and what waits for it goes on waiting.
 */
export function toStopped(row: DestinationRow, seal: Seal): Destination {
  const settings = readOr(() => readSettings(row.settings), toDestinationSettings('standard'));
  const secrets = readOr(() => readSecrets(row, seal), []);
  return { ...withParts(row, settings, secrets), state: 'off', stateReason: reasoned('unreadable', {}) };
}

/** Why it is in its state; a code of a later version, or params that cannot be read, leave the text alone. */
function readReason({
  state_reason: text,
  state_reason_code: code,
  state_reason_params: params,
}: DestinationRow): StateReason {
  if (!Object.hasOwn(stateTexts, code)) return inWords(text);
  return { code: code as StateCode, params: readOr(() => readObject(params) as Params, {}), text };
}

/** A reason as it is kept: its text, its code, and what that speaks of. */
export function toReasonColumns({ text, code, params }: StateReason): [string, string, string] {
  return [text, code ?? '', JSON.stringify(params)];
}

function readOr<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return otherwise;
  }
}

function readSecrets(row: DestinationRow, seal: Seal): readonly DestinationSecret[] {
  // None: they were unreadable, and are made anew by a rotation.
  return row.secrets.length === 0 ? [] : (readList(seal.open(row.secrets)) as DestinationSecret[]);
}

function withParts(
  row: DestinationRow,
  settings: DestinationSettings,
  secrets: readonly DestinationSecret[],
): Destination {
  return {
    accountId: row.account_id,
    id: row.id,
    name: row.name,
    url: row.url,
    settings,
    state: row.state,
    stateReason: readReason(row),
    stateSince: row.state_since,
    secrets,
    createdAt: row.created_at,
    pause: toPause(row),
  };
}

function toPause({ pause_until: until, pause_status: status, pause_asked_ms: askedMs }: DestinationRow) {
  if (until === undefined || until === null || status === undefined || status === null) return null;
  return { until, status, askedMs: askedMs ?? null };
}

/** The settings in a destination's row; throws `store_corrupt` when they cannot be used. */
export function readSettings(text: string): DestinationSettings {
  const settings = readObject(text) as DestinationSettings;
  if (Array.isArray(settings.scheduleMs) && settings.scheduleMs.every(Number.isInteger)) return settings;
  throw new GatewayError('store_corrupt', 'A row of the store holds no schedule of a destination.');
}

/** Webhook settings of a sender or channel, as JSON, that name a URL. */
export interface NamingRow {
  readonly channel_id: string;
  readonly id: string | null;
  readonly webhook: string;
}

const urlMembers = ['statusUrl', 'inboundUrl', 'auditUrl'] as const;

/** The settings with another URL in its place; undefined when they do not name it, or cannot be read. */
export function withOtherUrl(webhook: string, url: string, other: string): string | undefined {
  const settings: Readonly<Record<string, unknown>> = readOr(() => ({ ...readObject(webhook) }), {});
  const named = urlMembers.filter((member) => settings[member] === url);
  if (named.length === 0) return undefined;
  return JSON.stringify({ ...settings, ...Object.fromEntries(named.map((member) => [member, other])) });
}
