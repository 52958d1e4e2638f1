import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { toConfigurationPage } from '../../src/cli/config.ts';
import { describeSettings, loadSettings } from '../../src/config/sources.ts';
import { settingTable } from '../../src/config/table.ts';
import type { Setting, SettingKey } from '../../src/config/table.ts';
import { readPairs } from '../../src/config/values.ts';
import { GatewayError } from '../../src/domain/errors.ts';

function problemsOf(input: Partial<Parameters<typeof loadSettings>[0]>): string[] {
  try {
    loadSettings({ options: {}, env: {}, ...input });
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'bad_settings');
    return error.message.split('\n');
  }
  return [];
}

describe('settings', () => {
  it('have defaults for everything', () => {
    const { settings, sources } = loadSettings({ options: {}, env: {} });
    assert.equal(settings.host, '127.0.0.1');
    assert.equal(settings.port, 8080);
    assert.equal(settings.dataDir, './data');
    assert.equal(sources.port, 'default');
  });

  it('come from the file, then the environment, then the command line', () => {
    const file = '{"port":1000,"host":"0.0.0.0","logLevel":"warn"}';
    const { settings, sources } = loadSettings({
      file,
      env: { PORT: '2000', HOST: '::' },
      options: { port: '3000' },
    });
    assert.deepEqual([settings.port, settings.host, settings.logLevel], [3000, '::', 'warn']);
    assert.deepEqual([sources.port, sources.host, sources.logLevel], ['command line', 'environment', 'file']);
  });

  it('are on for all accounts, for none, or for some', () => {
    const read = (text: string) =>
      loadSettings({ options: {}, env: { CHASQUI_CAMS_ONCE_PER_TASK: text } }).settings.camsOncePerTask;
    assert.deepEqual([read('true'), read('false'), read('7, 12')], [true, false, [7, 12]]);
    assert.match(
      problemsOf({ env: { CHASQUI_CAMS_ONCE_PER_TASK: '7,yes' } }).join(),
      /CHASQUI_CAMS_ONCE_PER_TASK.*ids of accounts/,
    );
  });

  it('take a variable that is set to nothing as not set', () => {
    assert.equal(loadSettings({ options: {}, env: { PORT: '' } }).settings.port, 8080);
  });

  it('name every wrong one at once, with the nearest known name', () => {
    const problems = problemsOf({
      env: { PORT: '70000', CHASQUI_LOG_LEVLE: 'info', PATH: '/bin', UNRELATED: 'x' },
      options: { 'data-dri': 'x' },
      file: '{"prot":1}',
    });
    assert.deepEqual(problems, [
      'prot in the settings file is not a setting. Did you mean port?',
      'The variable CHASQUI_LOG_LEVLE is not a setting. Did you mean CHASQUI_LOG_LEVEL?',
      '--data-dri is not a setting. Did you mean data-dir?',
      'PORT: "70000" will not do; give a whole number from 0 to 65535.',
    ]);
  });

  it('never repeat an address with its password, whatever setting it was given to', () => {
    const urls = [
      'postgres://ana:hunter2@db.example/chasqui',
      'postgres://ana:hunter2@a.example:5432,b.example:5432/chasqui?target_session_attrs=read-write',
      'https://chat.example/hook/hunter2?token=hunter2',
    ];
    const broken = ['//ana:hunter2@db.example', 'ana:hunter2@db.example'];
    for (const key of Object.keys(settingTable) as SettingKey[]) {
      const row: Setting<unknown> = settingTable[key];
      for (const text of [...urls, ...broken]) {
        let problem = '';
        try {
          const { settings } = loadSettings({ options: {}, env: { [row.env]: text } });
          const shown = describeSettings(settings).find((setting) => setting.key === key);
          // What takes any text keeps what it was given; addresses and secrets are not shown whole.
          if (row.hasSecretPath === true || row.secret === true) problem = JSON.stringify(shown);
        } catch (error) {
          problem = error instanceof Error ? error.message : '';
        }
        assert.doesNotMatch(problem, /hunter2/, `${row.env}=${text}`);
      }
    }
  });

  it('never repeat a secret that will not do', () => {
    const [problem = ''] = problemsOf({ env: { MASTER_KEY: 'correct horse battery' } });
    assert.match(problem, /^MASTER_KEY: its value will not do/);
    assert.doesNotMatch(problem, /horse/);
  });

  it('refuse a shared store without the key that its nodes share, or that is none', () => {
    assert.match(problemsOf({ env: { DATABASE_URL: 'postgres://db/chasqui' } }).join(), /needs MASTER_KEY/);
    const [problem = ''] = problemsOf({ env: { DATABASE_URL: 'mysql://user:hidden@db/chasqui' } });
    assert.match(problem, /give a URL like postgres:/);
    assert.doesNotMatch(problem, /hidden/);
    const [standby = ''] = problemsOf({
      env: { DATABASE_URL: 'postgres://user:hidden@a,b/chasqui?target_session_attrs=standby' },
    });
    assert.match(standby, /a node needs a server that takes writes/);
    assert.doesNotMatch(standby, /hidden/);
  });

  it('refuse a bucket without a key to it', () => {
    const env = { S3_BUCKET: 'media', S3_ACCESS_KEY_ID: 'AKIA' };
    assert.match(problemsOf({ env }).join(), /needs S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY/);
  });

  it('refuse a certificate without its key', () => {
    assert.match(problemsOf({ env: { TLS_CERT_FILE: '/etc/cert.pem' } }).join(), /give both or neither/);
  });

  const wrong: readonly [string, string][] = [
    ['ROOT_ACCOUNT_ID', '012'],
    ['ROOT_ACCOUNT_ID', '99999999999999999'],
    ['EGRESS_ALLOW', '10.0.0.0/33'],
    ['S3_BUCKET', 'Not_A_Bucket'],
    ['S3_PREFIX', '/chasqui'],
    ['S3_REGION', 'Frankfurt am Main'],
    ['TRUST_PROXY', 'localhost'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['PUBLIC_URL', 'https://user:secret@example.com'],
    ['CHASQUI_LOG_LEVEL', 'loud'],
    ['CHASQUI_RECEIPT_RETENTION_DAYS', '7'],
    ['CHASQUI_SMQ_BATCH_SEND_FAULT_STATUS', '200'],
    ['CHASQUI_BACKUP_EVERY', '31d'],
    ['CHASQUI_BACKUP_EVERY', '6'],
    ['CHASQUI_BACKUP_TO', 'backup'],
    ['CHASQUI_BACKUP_TO', 's3://a bucket/'],
    ['CHASQUI_OIDC_ISSUER', 'login.example.com'],
    ['CHASQUI_OIDC_ISSUER', 'https://login.example.com/?tenant=a'],
    ['CHASQUI_OIDC_ISSUER', 'https://user:secret@login.example.com'],
    ['CHASQUI_OIDC_SCOPES', 'profile email'],
    ['CHASQUI_OIDC_SCOPES', 'openid "x"'],
    ['CHASQUI_OIDC_LABEL', 'x'.repeat(41)],
    ['CHASQUI_OIDC_ONLY', 'true'],
    ['CHASQUI_OIDC_ACCOUNT', 'first'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
  ];
  for (const [name, value] of wrong) {
    it(`refuse ${name}=${value}`, () => assert.equal(problemsOf({ env: { [name]: value } }).length, 1));
  }

  it('of OpenTelemetry are refused in words where something goes out, and nobody’s business where nothing does', () => {
    const unheard = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER: 'jaeger_remote',
      OTEL_TRACES_SAMPLER_ARG: '1.5',
      OTEL_EXPORTER_OTLP_HEADERS: 'hidden',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://elsewhere/v1/traces',
      OTEL_PROPAGATORS: 'b3',
    };
    assert.deepEqual(problemsOf({ env: unheard }), []);
    const problems = problemsOf({
      env: { ...unheard, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
    });
    assert.deepEqual(problems.sort(), [
      'OTEL_EXPORTER_OTLP_HEADERS: its value will not do; give name=value, separated by commas.',
      'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" will not do; give one of http/protobuf.',
      'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: is not heard by this service, so take it away; docs/tracing.md lists what is.',
      'OTEL_PROPAGATORS: is not heard by this service, so take it away; docs/tracing.md lists what is.',
      'OTEL_TRACES_SAMPLER: "jaeger_remote" will not do; give one of parentbased_always_on, parentbased_always_off, parentbased_traceidratio, always_on, always_off, traceidratio.',
      'OTEL_TRACES_SAMPLER_ARG: "1.5" will not do; give a number from 0 to 1.',
    ]);
  });

  it('that more is added to are refused where that would come to stand in the middle', () => {
    for (const name of ['PUBLIC_URL', 'CHASQUI_CONSOLE_URL', 'S3_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'])
      for (const end of ['?key=secret', '/#top', '?'])
        assert.match(problemsOf({ env: { [name]: `https://a.example/b${end}` } }).join(), /without \? and #/);
  });

  it('that are headers are refused where a request could not have them, and never repeated', () => {
    for (const [headers, problem] of [
      ['x-token=a%0D%0Ahidden: 1', /without line breaks/],
      ['x-token=hidden%E4%BD%A0', /Latin-1/],
      ['Content-Type=hidden', /leave content-type out/],
    ] as const) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_HEADERS: headers };
      const problems = problemsOf({ env }).join();
      assert.match(problems, problem);
      assert.doesNotMatch(problems, /hidden/);
    }
  });

  it('with names and values are read as OpenTelemetry writes them', () => {
    assert.deepEqual(readPairs(' a = b%2C%20c ,d=,Api-Key=x=y'), { a: 'b, c', d: '', 'Api-Key': 'x=y' });
    for (const text of ['a', '=b', 'a b=c', 'a=b,,c=d', 'a=%', 'a=b\nc'])
      assert.throws(() => readPairs(text), /give|write/);
  });

  it('of backups are read as people write them, and go together', () => {
    const to = '/backup/';
    const { settings } = loadSettings({
      options: {},
      env: { CHASQUI_BACKUP_EVERY: '6h', CHASQUI_BACKUP_TO: to },
    });
    assert.deepEqual([settings.backupEvery, settings.backupTo], [6 * 3_600_000, '/backup']);
    const read = (every: string): number =>
      loadSettings({ options: {}, env: { CHASQUI_BACKUP_EVERY: every, CHASQUI_BACKUP_TO: to } }).settings
        .backupEvery;
    assert.deepEqual(['0', '1m', '90m', '30d'].map(read), [0, 60_000, 5_400_000, 30 * 86_400_000]);
    const every = { CHASQUI_BACKUP_EVERY: '6h' };
    assert.match(problemsOf({ env: every }).join(), /needs CHASQUI_BACKUP_TO/);
    const bucket = { ...every, CHASQUI_BACKUP_TO: 's3://backups' };
    assert.match(problemsOf({ env: bucket }).join(), /media have to be in a bucket too: set S3_BUCKET/);
    const postgres = { DATABASE_URL: 'postgres://db/x', MASTER_KEY: '5c'.repeat(32) };
    assert.match(
      problemsOf({ env: { ...every, CHASQUI_BACKUP_TO: to, ...postgres } }).join(),
      /CHASQUI_BACKUP_EVERY: with DATABASE_URL all is in PostgreSQL, whose own means back it up/,
    );
  });

  it("of the company's sign-in are kept to the letter, and go together", () => {
    const issuer = 'https://login.example.com/works/';
    const whole = {
      CHASQUI_OIDC_ISSUER: issuer,
      CHASQUI_OIDC_CLIENT_ID: 'chasqui',
      CHASQUI_OIDC_OWNERS: ' a b ,c,, d=e',
    };
    const { settings } = loadSettings({ options: {}, env: whole });
    assert.equal(settings.oidcIssuer, issuer);
    assert.deepEqual(settings.oidcOwners, ['a b', 'c', 'd=e']);
    const here = { ...whole, CHASQUI_OIDC_ISSUER: 'http://127.0.0.1:3000' };
    assert.equal(loadSettings({ options: {}, env: here }).settings.oidcIssuer, 'http://127.0.0.1:3000');
    const rows: [Record<string, string>, RegExp][] = [
      [{ CHASQUI_OIDC_ISSUER: 'http://login.example.com' }, /begins with https:/],
      [{ CHASQUI_OIDC_ISSUER: 'http://127.0.0.1.example.com' }, /begins with https:/],
      [{ CHASQUI_OIDC_CLIENT_ID: '' }, /needs CHASQUI_OIDC_CLIENT_ID/],
      [{ CHASQUI_OIDC_OWNERS: ',' }, /or nobody has a role/],
      [{ ADMIN_PORT: '9000' }, /needs CHASQUI_CONSOLE_URL/],
    ];
    for (const [env, problem] of rows) {
      const problems = problemsOf({ env: { ...whole, ...env } });
      assert.equal(problems.length, 1, problems.join());
      assert.match(problems.join(), problem);
    }
  });

  it('are all in docs/configuration.md, which is written from the table', () => {
    const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    assert.equal(
      page,
      toConfigurationPage(),
      'run: node src/cli/commands.ts config --docs > docs/configuration.md',
    );
  });
});
