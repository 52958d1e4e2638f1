import type {
  Destination,
  DestinationSecret,
  DestinationSettings,
  DestinationState,
} from '../../domain/delivery.ts';
import type { Seal } from '../seal.ts';

export interface DestinationRow {
  readonly id: number;
  readonly account_id: number;
  readonly url: string;
  readonly settings: string;
  readonly state: DestinationState;
  readonly state_reason: string;
  readonly state_since: number;
  readonly secrets: Uint8Array;
  readonly created_at: number;
}

/** A destination from its row. */
export function toDestination(row: DestinationRow, seal: Seal): Destination {
  return {
    accountId: row.account_id,
    id: row.id,
    url: row.url,
    settings: JSON.parse(row.settings) as DestinationSettings,
    state: row.state,
    stateReason: row.state_reason,
    stateSince: row.state_since,
    secrets: JSON.parse(seal.open(row.secrets)) as DestinationSecret[],
    createdAt: row.created_at,
  };
}
