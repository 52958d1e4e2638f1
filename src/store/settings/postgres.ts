import type { Recorder } from '../journal/postgres.ts';
import type { Connection } from '../postgres/connection.ts';
import type { KeptSettings } from '../store.ts';
import { toKeptSetting } from './rows.ts';
import type { SettingRow } from './rows.ts';

const put = `INSERT INTO setting (key, value, set_at, set_by) VALUES ($1, $2, $3, $4)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by`;

export function settingVerbs(db: Connection, record: Recorder): KeptSettings {
  return {
    listSettings: async () =>
      (await db.all<SettingRow>('SELECT * FROM setting ORDER BY key COLLATE "C"')).map(toKeptSetting),
    setSetting: (accountId, { key, value, initial }, actor) =>
      db.tx(async (tx) => {
        // One after the other, also of a setting that has no row yet: each tells what the one before it left.
        await tx.run('LOCK TABLE setting IN SHARE ROW EXCLUSIVE MODE', []);
        const kept = await tx.get<Pick<SettingRow, 'value'>>('SELECT value FROM setting WHERE key = $1', [
          key,
        ]);
        if (value === null && kept === undefined) return false;
        if (value === null) await tx.run('DELETE FROM setting WHERE key = $1', [key]);
        else await tx.run(put, [key, value, db.now(), `${actor.kind}/${actor.id}`]);
        const action = value === null ? 'setting.unset' : 'setting.set';
        const detail = { from: kept?.value ?? initial, to: value ?? initial };
        await record(tx, accountId, actor, action, `setting/${key}`, detail);
        tx.signal({ kind: 'settings' });
        return true;
      }),
  };
}
