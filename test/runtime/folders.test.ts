import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeFolder, makeFolderNow } from '../../src/runtime/folders.ts';

const ways = { makeFolder, makeFolderNow: async (path: string) => makeFolderNow(path) };

for (const [name, make] of Object.entries(ways))
  it(`${name} makes what is not there, with what is above it, and says what the system refuses`, async (t) => {
    const base = mkdtempSync(join(tmpdir(), 'chasqui-folders-'));
    t.after(() => rmSync(base, { recursive: true }));
    const path = join(base, 'a', 'b', 'c');
    await make(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
    await make(path);
    writeFileSync(join(base, 'file'), '');
    await assert.rejects(make(join(base, 'file')), { code: 'EEXIST' });
    await assert.rejects(make(join(base, 'file', 'below')), { code: 'ENOTDIR' });
    if (existsSync('/proc/self')) await assert.rejects(make('/proc/none/below'), { code: 'ENOENT' });
  });
