import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import pg from 'pg';
import { parseDatabaseAddress } from '../../src/domain/database-address.ts';

/** Each host as the client of the database connects to it, with what it reads beside. */
function read(text: string): readonly string[] {
  return parseDatabaseAddress(text).hosts.map(({ name, host, port, url }) => {
    const client = new pg.Client({ connectionString: url });
    assert.deepEqual([client.host, client.port], [host, port]);
    return `${name} ${client.user ?? ''}/${client.password ?? ''} ${client.database ?? ''}`;
  });
}

describe('the address of a database', () => {
  const forms: readonly (readonly [string, readonly string[]])[] = [
    ['postgres://u:p@a/n', ['a:5432 u/p n']],
    ['postgresql://u:p@a:1/n', ['a:1 u/p n']],
    ['postgres://u:p@a:1,b:2/n', ['a:1 u/p n', 'b:2 u/p n']],
    ['postgres://u:p@a,b:2,c/n', ['a:5432 u/p n', 'b:2 u/p n', 'c:5432 u/p n']],
    ['postgres://u:p@a,b/n?port=7', ['a:7 u/p n', 'b:7 u/p n']],
    ['postgres://u:p@a,b/n?port=7,8&sslmode=disable', ['a:7 u/p n', 'b:8 u/p n']],
    ['postgres://u:p@/n?host=a,b&port=7', ['a:7 u/p n', 'b:7 u/p n']],
    ['postgres://u:p@/n?host=a%2Cb', ['a:5432 u/p n', 'b:5432 u/p n']],
    ['postgres://u:p@[::1]:1,[2001:db8::1]/n', ['[::1]:1 u/p n', '[2001:db8::1]:5432 u/p n']],
    ['postgres://u:p@DB-1.Example,d_b.bücher/n', ['DB-1.Example:5432 u/p n', 'd_b.bücher:5432 u/p n']],
    ['postgres://u:p%40%2F%3A@a,b/n', ['a:5432 u/p@/: n', 'b:5432 u/p@/: n']],
    ['postgres://u:p,q@a,b/n', ['a:5432 u/p,q n', 'b:5432 u/p,q n']],
    ['postgres:///n?host=/var/run/postgresql&user=u&password=p', ['/var/run/postgresql:5432 u/p n']],
    ['postgres://u:p@%2Fvar%2Frun:1,b/n', ['/var/run:1 u/p n', 'b:5432 u/p n']],
  ];
  for (const [text, hosts] of forms) it(`is read: ${text}`, () => assert.deepEqual(read(text), hosts));

  it('is kept as it is for a single host, but for what is said of the choice of hosts', () => {
    const urls = (text: string) => parseDatabaseAddress(text).hosts.map(({ url }) => url);
    const single = 'postgres://u:p%25@a:1/n?sslmode=disable&options=-c%20a%3Db';
    assert.deepEqual(urls(single), [single]);
    assert.deepEqual(urls('postgres://a/n?target_session_attrs=read-write'), ['postgres://a/n']);
    assert.deepEqual(urls('postgres://a,b/n?sslmode=disable&connect_timeout=3&options=-c%20a%3Db'), [
      'postgres://a:5432/n?sslmode=disable&options=-c%20a%3Db',
      'postgres://b:5432/n?sslmode=disable&options=-c%20a%3Db',
    ]);
  });

  it('says how long connecting may take', () => {
    assert.equal(parseDatabaseAddress('postgres://a,b/n?connect_timeout=2').connectMs, 2000);
    assert.equal(parseDatabaseAddress('postgres://a,b/n').connectMs, undefined);
  });

  it('may ask for any host, or for one that takes writes', () => {
    for (const asked of ['any', 'read-write', 'primary'])
      assert.equal(parseDatabaseAddress(`postgres://a,b/n?target_session_attrs=${asked}`).hosts.length, 2);
  });

  const wrong: readonly (readonly [string, RegExp])[] = [
    ['mysql://u:secret@a/n', /give a URL like postgres:/],
    ['postgres://u:secret@a', /give a URL like postgres:/],
    ['postgres://u:secret@a/', /give a URL like postgres:/],
    ['postgres://u:secret@a,,b/n', /with several hosts as in/],
    ['postgres://u:secret@a:1:2,b/n', /with several hosts as in/],
    ['postgres://u:secret@a:0,b/n', /ports from 1 to 65535/],
    ['postgres://u:secret@a:65536/n', /ports from 1 to 65535/],
    ['postgres://u:secret@a,b,c/n?port=1,2', /as many ports as hosts/],
    ['postgres://u:secret@a,b/n?target_session_attrs=standby', /a node needs a server that takes writes/],
    ['postgres://u:secret@a,b/n?target_session_attrs=read-only', /one of any, read-write, primary/],
    ['postgres://u:secret@a,b/n?connect_timeout=0', /whole seconds from 1 to 60/],
    ['postgres://u:secret@a,b/n?connect_timeout=2s', /whole seconds from 1 to 60/],
    ['postgres://u:secret@a,b/n?host=%', /write % in it as %25/],
    [`postgres://u:secret@${Array(17).fill('a').join()}/n`, /at most 16 hosts/],
  ];
  for (const [text, told] of wrong)
    it(`is refused without a word of it: ${text.slice(0, 80)}`, () => {
      assert.throws(
        () => parseDatabaseAddress(text),
        (error: Error) => told.test(error.message) && !error.message.includes('secret'),
      );
    });
});
