import type { AccountId } from '../../domain/account.ts';
import { earlierUsersAtMost, retoldMs } from '../../domain/alias.ts';
import type { Alias, Spelling } from '../../domain/alias.ts';
import { toFirstId } from '../../domain/ids.ts';
import { toWellFormedJson } from '../../domain/foreign-text.ts';
import { spellingsQuery, toPresent, toSpellings } from './rows.ts';
import type { SpellingRow } from './rows.ts';
import { overStates } from '../erasures/rows.ts';
import type { Aliases, UserKey } from '../store.ts';
import { int8s, texts } from '../postgres/arrays.ts';
import type { Connection, Queries, Transaction } from '../postgres/connection.ts';

const findStatement = spellingsQuery({
  account: '$1',
  id: '$2::text',
  channel: '$3::text',
  least: 'least',
  most: 'greatest',
});

/** Forgets what tells of some spellings, at a channel or (null) at all, unless a message to one of them is still to be sent. */
const forget = `DELETE FROM alias a WHERE a.account_id = $1 AND ($3::text IS NULL OR a.channel_id = $3)
    AND (a.told = ANY ($2) OR (a.spelling = ANY ($2) AND a.until IS NULL))
    AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.account_id = $1 AND o.recipient = ANY ($2)
      AND ($3::text IS NULL OR o.channel_id = $3) AND o.state NOT IN ${overStates})`;

/** Whether a row is to one of the spellings that {@link toSpellingArrays} passes as `$n` to `$n+2`; `o` is a row of outbound. */
export function isToSpelling(n: number): string {
  return `(o.recipient = ANY ($${n}) AND EXISTS (SELECT 1 FROM unnest($${n}::text[], $${n + 1}::bigint[], $${n + 2}::bigint[]) s (id, first, past)
    WHERE s.id = o.recipient AND o.id >= s.first AND o.id < s.past))`;
}

export function toSpellingArrays(spellings: readonly Spelling[]): [Buffer, Buffer, Buffer] {
  return [
    texts(spellings.map(({ id }) => id)),
    int8s(spellings.map(({ since }) => toFirstId(since))),
    int8s(spellings.map(({ until }) => toFirstId(until))),
  ];
}

/** The call that notes aliases, with `$1` the account and `$2` the time; `rows` is the parameter that {@link toAliasRows} makes. */
export function tellCall(rows: string): string {
  return `tell_aliases($1, $2, ${retoldMs}, ${earlierUsersAtMost}, ${rows})`;
}

export function toAliasRows(aliases: readonly Alias[]): string {
  return toWellFormedJson(
    JSON.stringify(aliases.map(({ channelId: channel, ...alias }) => ({ channel, ...alias }))),
  );
}

export async function findSpellings(
  db: Queries,
  accountId: AccountId,
  { userId, channelId }: UserKey,
): Promise<readonly Spelling[]> {
  const rows = await db.all<SpellingRow & Record<string, unknown>>(findStatement, [
    accountId,
    userId,
    channelId ?? null,
  ]);
  return toSpellings(rows);
}

/** Forgets the aliases of an erased user, unless a message to one of the ids is still to be sent. */
export async function forgetAliases(
  tx: Transaction,
  accountId: AccountId,
  { channelId }: UserKey,
  spellings: readonly Spelling[],
): Promise<void> {
  await tx.run(forget, [accountId, texts(toPresent(spellings)), channelId ?? null]);
}

export function aliasVerbs(db: Connection): Aliases {
  return {
    tellAliases: async (accountId, aliases) => {
      if (aliases.length > 0)
        await db.call(`SELECT ${tellCall('$3')}`, [accountId, db.now(), toAliasRows(aliases)]);
    },
    findSpellings: (accountId, user) => findSpellings(db, accountId, user),
  };
}
