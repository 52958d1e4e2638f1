import type { EventName, Events } from './events.ts';

type Figures = Events['traffic.summarized'];
type Add = (figure: keyof Figures, count: number) => void;

/** What each event adds to the figures of its second. */
const parts: { readonly [N in EventName]?: (fields: Events[N], add: Add) => void } = {
  'webhook.received': ({ outcome, repeats, unrouted, remarks }, add) => {
    add(outcome === 'recorded' ? 'webhooks' : 'webhooksRefused', 1);
    add('repeats', repeats);
    add('unrouted', unrouted);
    add('remarks', remarks);
  },
  'receipt.recorded': ({ queue }, add) => {
    add('receipts', 1);
    add('queued', queue === null ? 0 : 1);
  },
  'delivery.attempted': ({ outcome, receipts }, add) =>
    add(outcome === 'accepted' ? 'pushed' : 'pushesFailed', receipts),
  'delivery.died': (_event, add) => add('died', 1),
  'smq.served': ({ operation, messages, status }, add) => {
    const figure = smqFigures[operation];
    if (figure !== undefined) add(figure, messages);
    add('callsFailed', status >= 500 ? 1 : 0);
  },
  'cams.served': ({ status }, add) => add('callsFailed', status >= 500 ? 1 : 0),
  'api.served': ({ status }, add) => add('callsFailed', status >= 500 ? 1 : 0),
  'message.sent': ({ outcome }, add) => add(outcome === 'accepted' ? 'sent' : 'sendsFailed', 1),
  'messages.expired': ({ messages }, add) => add('expired', messages),
  'sender.closed': ({ messages }, add) => add('closed', messages),
  'fallback.attempted': ({ outcome }, add) => add(outcome === 'taken' ? 'fallbacks' : 'fallbacksFailed', 1),
  'media.fetched': ({ outcome }, add) => add(outcome === 'stored' ? 'media' : 'mediaFailed', 1),
};

/** What moves messages of queues. */
const smqFigures: Readonly<Record<string, keyof Figures | undefined>> = {
  SendMessage: 'putIn',
  ReceiveMessage: 'pulled',
  DeleteMessage: 'deleted',
  BatchDeleteMessage: 'deleted',
};

/** Adds up what happened; a figure of nothing is left out. */
export class Summary {
  #figures: { -readonly [F in keyof Figures]: Figures[F] } = {};
  #isEmpty = true;
  readonly #add: Add = (figure, count) => {
    if (count === 0) return;
    this.#figures[figure] = (this.#figures[figure] ?? 0) + count;
    this.#isEmpty = false;
  };

  take<N extends EventName>(name: N, fields: Events[N]): void {
    parts[name]?.(fields, this.#add);
  }

  /** What came together since this was last asked; null when nothing did. */
  empty(): Figures | null {
    if (this.#isEmpty) return null;
    const figures = this.#figures;
    this.#figures = {};
    this.#isEmpty = true;
    return figures;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }
}
