// When a certificate is taken anew, and when somebody is told of it, by a clock that the test moves.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { GatewayError } from '../../src/domain/errors.ts';
import type { NewNotice } from '../../src/domain/notice.ts';
import { CertificateWatch } from '../../src/operations/certificate-watch.ts';
import { createClock } from '../support/store.ts';

const day = 24 * 60 * 60_000;

function open() {
  const clock = createClock();
  const used: string[] = [];
  const notices: NewNotice[] = [];
  const ends: string[] = [];
  const files: { read: () => { digest: string; endsAt: number; beginsAt?: number } } = {
    read: () => ({ digest: 'first', endsAt: clock.now() + 100 * day }),
  };
  const watch = new CertificateWatch({
    ...clock,
    read: () => ({ beginsAt: 0, ...files.read() }),
    use: ({ digest }) => void used.push(digest),
    raiseNotice: (notice) => void notices.push(notice),
    endNotice: (_account, code, subject) => void ends.push(`${code} ${subject}`),
    emit: () => undefined,
    node: 'one',
  });
  const breaks = (what: string) => {
    files.read = () => {
      throw new GatewayError('bad_settings', what);
    };
  };
  const told = () =>
    notices.splice(0).map(({ code, params }) => `${code} ${params['what'] ?? params['end']}`);
  return { clock, used, files, watch, breaks, told, ends, look: () => watch.worker.look() };
}

it('another certificate in the files is shown once, and the same one again is none', async () => {
  const { clock, used, files, watch, look, told, ends } = open();
  assert.equal(watch.endsAt(), null);
  await look();
  assert.deepEqual(ends, ['certificate_refused node/one', 'certificate_ending node/one']);
  await look();
  const endsAt = clock.now() + 200 * day;
  files.read = () => ({ digest: 'second', endsAt });
  await look();
  await look();
  assert.deepEqual([used, watch.endsAt(), told()], [['first', 'second'], endsAt, []]);
});

it('what will not do is told once, at the second look at it, and what is shown stays', async () => {
  const { used, watch, look, breaks, told } = open();
  await look();
  const endsAt = watch.endsAt();
  breaks('another key');
  await look();
  assert.deepEqual(told(), [], 'somebody may be writing the other file just now');
  breaks('no key');
  await look();
  assert.deepEqual(told(), []);
  await look();
  await look();
  assert.deepEqual(told(), ['certificate_refused no key']);
  assert.deepEqual([used, watch.endsAt()], [['first'], endsAt]);
  assert.equal(watch.worker.status().failures, 0, 'it is no failure of the watch');
});

it('whoever asks for it is told at once', async () => {
  const { watch, look, breaks, told } = open();
  await look();
  breaks('no key');
  watch.reload();
  await look();
  await look();
  assert.deepEqual(told(), ['certificate_refused no key']);
});

it('one that has ended does not take the place of one that goes on', async () => {
  const { clock, used, files, watch, look, told } = open();
  await look();
  const ended = clock.now() - day;
  files.read = () => ({ digest: 'old', endsAt: ended });
  watch.reload();
  await look();
  assert.match(told().join(), /^certificate_refused The certificate in the files has ended at 2026-10-31/);
  assert.deepEqual(used, ['first']);
});

it('one that does not hold yet waits until it does, unless the one that is shown has ended', async () => {
  const { clock, used, files, watch, look, told } = open();
  await look();
  const next = { digest: 'next', beginsAt: clock.now() + day, endsAt: clock.now() + 200 * day };
  files.read = () => next;
  watch.reload();
  await look();
  assert.match(
    told().join(),
    /^certificate_refused The certificate in the files does not hold before 2026-11-02/,
  );
  assert.deepEqual(used, ['first']);
  clock.advance(day);
  await look();
  files.read = () => ({ digest: 'later', beginsAt: clock.now() + day, endsAt: clock.now() + 400 * day });
  clock.advance(199 * day);
  await look();
  assert.deepEqual(used, ['first', 'next', 'later']);
});

it('the end is told 21, 7 and 1 days before, once each, and not any more once it is renewed', async () => {
  const { clock, files, look, told } = open();
  const endsAt = clock.now() + 30 * day;
  files.read = () => ({ digest: 'first', endsAt });
  const counts: number[] = [];
  for (let at = 0; at <= 31; at += 1) {
    await look();
    await look();
    if (told().length > 0) counts.push(30 - at);
    clock.advance(day);
  }
  assert.deepEqual(counts, [21, 7, 1]);
  files.read = () => ({ digest: 'second', endsAt: clock.now() + 90 * day });
  await look();
  assert.deepEqual(told(), []);
});
