import type { Nonces } from '../store.ts';
import type { Connection } from './connection.ts';

export function nonceVerbs(db: Connection): Nonces {
  const insert = db.prepare(
    'INSERT INTO nonce (key_id, nonce, used_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const count = db.prepare<{ count: number }>('SELECT count(*) AS count FROM nonce');
  return {
    useNonce: (keyId, nonce, now) => db.write(() => insert.run(keyId, nonce, now) === 1),
    countNonces: () => db.read(() => count.get()?.count ?? 0),
  };
}
