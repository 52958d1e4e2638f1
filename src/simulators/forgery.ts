import type { Stage } from './simulator.ts';
import type { Posting } from './poster.ts';

/** Posts what is signed wrongly, once. Nobody waits for it, and what takes it has a hole, which is noted. */
export function postForged(
  { poster, ledger, clock }: Pick<Stage, 'poster' | 'ledger' | 'clock'>,
  posting: Pick<Posting, 'subject' | 'url' | 'headers' | 'body'>,
): void {
  const forged = { ...posting, subject: `${posting.subject} forged` };
  void poster.postOnce(forged).then((answer) => {
    if ('status' in answer && answer.status < 300)
      ledger.note(clock.now(), forged.subject, 'A wrong signature was accepted.', answer.status);
  });
}
