// What tests of deliveries share: claiming, settling, and reading what was claimed.
import type { Attempt, ClaimedBatch, Next, Settlement } from '../../../src/domain/delivery.ts';
import type { ClaimRequest } from '../../../src/store/store.ts';
import { need } from './fixture.ts';
import type { Fixture } from './fixture.ts';

export const leaseMs = 60_000;

/** Claims for a destination; one delivery a batch unless told otherwise. */
export function claim(
  { store, clock, accountId }: Fixture,
  destinationId: number,
  changes: Partial<ClaimRequest> = {},
): Promise<readonly ClaimedBatch[]> {
  const request = { accountId, destinationId, limit: 10, batchSize: 1, now: clock.now(), leaseMs };
  return store.claimDeliveries({ ...request, ...changes });
}

/** The messages of claimed batches by name, batch by batch. */
export function namesOf(batches: readonly ClaimedBatch[]): string[][] {
  return batches.map(({ members }) =>
    members.map(({ receipt: { facts } }) => {
      if (facts.type === 'ChatAppStatus') return `${facts.messageId} ${facts.status}`;
      return facts.type === 'ChatAppInbound' ? facts.messageId : '';
    }),
  );
}

export function settlementOf(fixture: Fixture, batch: ClaimedBatch, next: Next, member = 0): Settlement {
  const attempt: Attempt = {
    at: fixture.clock.now(),
    durationMs: 12,
    status: next.kind === 'done' ? 200 : 500,
    outcome: next.kind === 'done' ? 'accepted' : 'rejected',
    answer: 'answer',
  };
  const { accountId, destinationId } = batch;
  return { accountId, destinationId, deliveryId: need(batch.members[member]).deliveryId, attempt, next };
}

/** Settles every member of every batch the same way. */
export function settle(fixture: Fixture, batches: readonly ClaimedBatch[], next: Next): Promise<void> {
  return fixture.store.settleDeliveries(
    batches.flatMap((batch) => batch.members.map((_, member) => settlementOf(fixture, batch, next, member))),
  );
}

export const done = { kind: 'done' } as const;
export const dead = { kind: 'dead' } as const;

/** Pushes all that is due until nothing is; resolves to the names in the order of the pushes. */
export async function drain(fixture: Fixture, destinationId: number): Promise<string[]> {
  const pushed: string[] = [];
  for (;;) {
    const batches = await claim(fixture, destinationId, { limit: 100 });
    if (batches.length === 0) return pushed;
    pushed.push(...namesOf(batches).flat());
    await settle(fixture, batches, done);
  }
}
