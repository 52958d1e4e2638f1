// The lines for logrotate of docs/operations.md, run by the real program beside a service as an operator starts it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { request } from 'undici';
import { bareEnv, startService, waitUntil } from '../support/service.ts';
import { findProgram } from './podman.ts';

const logrotate = [findProgram('logrotate'), '/usr/sbin/logrotate', '/sbin/logrotate'].find(
  (file) => file !== undefined && existsSync(file),
);

it(
  'logrotate puts the log aside as the page says, and no line is missing',
  { skip: logrotate === undefined && 'logrotate is not installed, so nothing is rotated' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'chasqui-logrotate-'));
    const file = join(folder, 'chasqui.log');
    const service = await startService({
      dataDir: join(folder, 'data'),
      env: { CHASQUI_LOG_LEVEL: 'debug', CHASQUI_LOG_FILE: file, CHASQUI_LOG_FILE_MB: '0' },
    });
    t.after(async () => {
      await service.kill();
      rmSync(folder, { recursive: true });
    });
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [, block = ''] = /^```\n(\/var\/log\/chasqui\/chasqui\.log \{\n[^`]*)```$/m.exec(page) ?? [];
    // There is no systemd here; what it would do is send the signal.
    const config = block
      .replace('/var/log/chasqui/chasqui.log', file)
      .replace(/systemctl kill --signal=HUP .* chasqui/, `kill -HUP ${service.process.pid}`);
    assert.match(config, /kill -HUP \d+/);
    writeFileSync(join(folder, 'config'), config, { mode: 0o600 });
    const rotate = (): void =>
      void execFileSync(
        logrotate ?? '',
        ['--force', `--state=${join(folder, 'state')}`, join(folder, 'config')],
        {
          env: bareEnv,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
    const ask = async (count: number): Promise<void> => {
      for (let asked = 0; asked < count; asked++) {
        const { body } = await request(`${service.url}/hooks/whatsapp/nobody`, {
          method: 'POST',
          body: '{}',
        });
        await body.dump();
      }
    };
    await ask(10);
    rotate();
    await waitUntil('the log has been opened anew', 60_000, () => existsSync(file));
    await ask(10);
    assert.equal(await service.stop(), 0);
    const lines = [`${file}.1`, file].flatMap((name) => readFileSync(name, 'utf8').trimEnd().split('\n'));
    const refused = lines.filter(
      (line) => line.includes('"msg":"webhook.received"') && !line.includes('"heldBack"'),
    );
    assert.equal(refused.length, 20);
    assert.match(lines.at(-1) ?? '', /service\.stopped/);
  },
);
