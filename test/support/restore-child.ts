// Restores a store that says `new` into the folder given, and kills itself at the n-th change of the disk from the first; 0 is never.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const [, , folder = '', at = '0'] = process.argv;
let step = 0;

function killAtStep<Args extends unknown[], T>(work: (...args: Args) => T): (...args: Args) => T {
  return (...args) => {
    step += 1;
    if (step === Number(at)) process.kill(process.pid, 'SIGKILL');
    return work(...args);
  };
}

fs.mkdirSync = killAtStep<Parameters<typeof fs.mkdirSync>, undefined>(fs.mkdirSync as never);
fs.renameSync = killAtStep(fs.renameSync);
fs.rmSync = killAtStep(fs.rmSync);
fs.writeFileSync = killAtStep(fs.writeFileSync);
fs.fsyncSync = killAtStep(fs.fsyncSync);
syncBuiltinESMExports();

const { beginRestore } = await import('../../src/store/sqlite/restore.ts');
const restoring = beginRestore(folder);
const db = new DatabaseSync(join(restoring.folder, 'chasqui.sqlite'));
db.exec("CREATE TABLE which AS SELECT 'new' AS name");
db.close();
fs.mkdirSync(join(restoring.folder, 'media', 'ab'), { recursive: true });
fs.writeFileSync(join(restoring.folder, 'media', 'ab', 'new'), 'new');
restoring.commit('replaced');
restoring.close();
