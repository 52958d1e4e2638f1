import type { Recorder } from '../journal/sqlite.ts';
import type { Connection } from '../sqlite/connection.ts';
import type { KeptSettings } from '../store.ts';
import { toKeptSetting } from './rows.ts';
import type { SettingRow } from './rows.ts';

const put = `INSERT INTO setting (key, value, set_at, set_by) VALUES (?, ?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, set_at = excluded.set_at, set_by = excluded.set_by`;

export function settingVerbs(db: Connection, record: Recorder): KeptSettings {
  const all = db.prepare<SettingRow>('SELECT * FROM setting ORDER BY key');
  const insert = db.prepare(put);
  const find = db.prepare<Pick<SettingRow, 'value'>>('SELECT value FROM setting WHERE key = ?');
  const remove = db.prepare('DELETE FROM setting WHERE key = ?');
  return {
    listSettings: () => db.read(() => all.all().map(toKeptSetting)),
    setSetting: (accountId, { key, value, initial }, actor) =>
      db.write((tx) => {
        const from = find.get(key)?.value;
        if (value === null && from === undefined) return false;
        if (value === null) remove.run(key);
        else insert.run(key, value, db.now(), `${actor.kind}/${actor.id}`);
        const action = value === null ? 'setting.unset' : 'setting.set';
        record(accountId, actor, action, `setting/${key}`, { from: from ?? initial, to: value ?? initial });
        tx.signal({ kind: 'settings' });
        return true;
      }),
  };
}
