// The certificate that listeners show: taken anew when its files change, and told of before it ends.
import { hostname } from 'node:os';
import { GatewayError } from '../domain/errors.ts';
import { noticed } from '../domain/findings.ts';
import type { EndNotice, RaiseNotice } from '../domain/notice.ts';
import type { Time } from '../runtime/clock.ts';
import { Worker } from '../runtime/worker.ts';
import type { Emit } from '../telemetry/events.ts';

/** What is known of a certificate beside what it says. */
interface Validity {
  /** Both in epoch milliseconds. */
  readonly beginsAt: number;
  readonly endsAt: number;
  /** Tells it from another. */
  readonly digest: string;
}

interface CertificateWatchDeps<Certificate extends Validity> extends Time {
  /** Reads the files as they are. Throws `bad_settings` where they will not do. */
  readonly read: () => Certificate | Promise<Certificate>;
  /** Has the listeners show it from the next connection on. */
  readonly use: (certificate: Certificate) => void;
  readonly raiseNotice: RaiseNotice;
  readonly endNotice: EndNotice;
  readonly emit: Emit;
  readonly node?: string;
}

const everyMs = 60_000;
const dayMs = 24 * 60 * 60_000;
/** So many days before its end it is told of, each time once. */
const noticeDays = [1, 7, 21] as const;

/** Looks every minute, and when it is asked to. A pair that will not do is told, and the one that is shown stays. */
export class CertificateWatch<Certificate extends Validity> {
  readonly worker: Worker;
  readonly #deps: CertificateWatchDeps<Certificate>;
  readonly #node: string;
  #shown: Certificate | undefined;
  /** What was wrong at the last look, and whether it was told. */
  #fault: { readonly what: string; readonly isTold: boolean } | undefined;
  #isAsked = false;
  #toldEnd = '';

  constructor(deps: CertificateWatchDeps<Certificate>) {
    const { emit, now, monotonic, node = hostname() } = deps;
    this.#deps = deps;
    this.#node = node;
    this.worker = new Worker({
      name: 'certificate.watch',
      emit,
      now,
      monotonic,
      everyMs,
      run: () => this.#look(),
    });
  }

  /** Looks now, and tells at once what is wrong. */
  reload(): void {
    this.#isAsked = true;
    this.worker.wake();
  }

  /** When the certificate that is shown ends, in epoch milliseconds; null before the first look. */
  endsAt(): number | null {
    return this.#shown?.endsAt ?? null;
  }

  async #look(): Promise<void> {
    const what = await this.#takeAnew();
    // Whoever renews writes two files: between them they do not belong together, and at the next look they do.
    const isTold = what !== undefined && (this.#isAsked || this.#fault?.what === what);
    if (what !== undefined && isTold && !(this.#fault?.what === what && this.#fault.isTold))
      this.#tellFault(what);
    if (what === undefined) this.#deps.endNotice(null, 'certificate_refused', `node/${this.#node}`);
    this.#fault = what === undefined ? undefined : { what, isTold };
    this.#isAsked = false;
    this.#tellEnd();
  }

  /** Shows what the files hold, if that is another; returns what is wrong with it. */
  async #takeAnew(): Promise<string | undefined> {
    const { read, use, now, emit } = this.#deps;
    try {
      const next = await read();
      if (next.digest === this.#shown?.digest) return undefined;
      if (this.#shown !== undefined && next.endsAt <= now() && next.endsAt < this.#shown.endsAt)
        return `The certificate in the files has ended at ${toText(next.endsAt)}.`;
      if (this.#shown !== undefined && next.beginsAt > now() && this.#shown.endsAt > now())
        return `The certificate in the files does not hold before ${toText(next.beginsAt)}.`;
      use(next);
      this.#shown = next;
      emit('certificate.used', { endsAt: toText(next.endsAt) });
      return undefined;
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'bad_settings') return error.message;
      throw error;
    }
  }

  #tellFault(what: string): void {
    const node = this.#node;
    this.#deps.emit('certificate.refused', { reason: what });
    this.#deps.raiseNotice({
      accountId: null,
      subject: `node/${node}`,
      ...noticed('certificate_refused', { node, what }),
    });
  }

  #tellEnd(): void {
    if (this.#shown === undefined) return;
    const { digest, endsAt } = this.#shown;
    const leftMs = endsAt - this.#deps.now();
    const near = noticeDays.find((days) => leftMs <= days * dayMs);
    if (near === undefined) this.#deps.endNotice(null, 'certificate_ending', `node/${this.#node}`);
    const end = `${digest} ${near ?? ''}`;
    if (near === undefined || end === this.#toldEnd) return;
    this.#toldEnd = end;
    const node = this.#node;
    this.#deps.raiseNotice({
      accountId: null,
      subject: `node/${node}`,
      ...noticed('certificate_ending', { node, end: toText(endsAt) }),
    });
  }
}

function toText(at: number): string {
  return new Date(at).toISOString();
}
