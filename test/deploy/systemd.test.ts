// The unit of deploy/ as systemd's own tools read it. That it works under systemd is tried by systemd-boot.test.ts.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadSettings } from '../../src/config/sources.ts';
import { bareEnv } from '../support/service.ts';

const unit = readFileSync(new URL('../../deploy/systemd/chasqui.service', import.meta.url), 'utf8');
const patroni = readFileSync(new URL('../../deploy/patroni/patroni.service', import.meta.url), 'utf8');
const settings = readFileSync(new URL('../../deploy/systemd/chasqui.env', import.meta.url), 'utf8');
/** In tenths: systemd calls what has at most 2.0 of 10 well guarded. */
const maxExposure = 20;

const isInstalled = spawnSync('systemd-analyze', ['--version']).status === 0;

describe(
  'the unit of deploy/, read by systemd',
  { skip: isInstalled ? false : 'systemd-analyze is not installed, so deploy/systemd is not read by it' },
  () => {
    let folder = '';
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'chasqui-unit-'));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** Gives a tool of systemd the unit, whose program need not be on this machine. */
    const analyze = (words: readonly string[], text = unit) => {
      const path = join(folder, 'chasqui.service');
      const program = /^ExecStart=\/opt\/\S+/m;
      assert.match(text, program);
      writeFileSync(path, text.replace(program, 'ExecStart=/bin/true'));
      return spawnSync('systemd-analyze', [...words, path], { encoding: 'utf8', env: bareEnv });
    };

    it('nothing in it is unknown or wrong', () => {
      const { status, stdout, stderr } = analyze(['verify', '--man=no']);
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
    });

    it("nothing in Patroni's is either", () => {
      const { status, stdout, stderr } = analyze(['verify', '--man=no'], patroni);
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
    });

    it('what is unknown would be told', () => {
      const { stderr } = analyze(['verify', '--man=no'], unit.replace('RestartSec=', 'RestartSeconds='));
      assert.match(stderr, /Unknown key 'RestartSeconds'/);
    });

    it('the service is exposed to little', () => {
      const words = ['security', '--offline=true', '--no-pager', `--threshold=${maxExposure}`];
      const { status, stdout } = analyze(words);
      assert.equal(status, 0, stdout);
      const open = analyze(words, unit.replace('ProtectSystem=strict\n', '').replace(/^Restrict.*\n/gm, ''));
      assert.notEqual(open.status, 0, 'less would be too little');
    });
  },
);

describe('the settings beside the unit', () => {
  it('are settings', () => {
    const lines = settings.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const env = Object.fromEntries(
      lines.map((line) => {
        const [, name = '', value] = /^([A-Z0-9_]+)=(\S+)$/.exec(line) ?? assert.fail(line);
        return [name, value];
      }),
    );
    const { sources } = loadSettings({ options: {}, env });
    const used = Object.values(sources).filter((source) => source === 'environment');
    assert.equal(used.length, lines.length);
    assert.ok(lines.length > 0);
  });
});
