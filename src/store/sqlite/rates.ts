import type { Rate, RateKind, Rates } from '../store.ts';
import type { Connection } from './connection.ts';

export function rateVerbs(db: Connection): Rates {
  const add = db.prepare(
    `INSERT INTO rate (account_id, minute, kind, count) VALUES (?, ?, ?, ?)
     ON CONFLICT (account_id, minute, kind) DO UPDATE SET count = count + excluded.count`,
  );
  const since = db.prepare<{ minute: number; kind: RateKind; count: number }>(
    'SELECT minute, kind, count FROM rate WHERE account_id = ? AND minute >= ? ORDER BY minute, kind',
  );
  return {
    addRates: (rates) =>
      db.write(() => {
        for (const { accountId, minute, kind, count } of rates) add.run(accountId, minute, kind, count);
      }),
    listRates: (accountId, sinceMinute) =>
      db.read(() => since.all(accountId, sinceMinute).map((row): Rate => ({ accountId, ...row }))),
  };
}
