// What the users of a simulated WhatsApp write, drawn from the seed: every kind that the Cloud API documents (docs/protocols/whatsapp.md).
import type { Random } from '../random.ts';

export interface SimulatedUser {
  readonly waId: string;
  readonly userId: string;
  readonly name: string;
}

/** The user of a number: the same for the same one. */
export function toUser(number: number): SimulatedUser {
  const waId = `1555${String(2_000_000 + (number % 1_000_000)).padStart(7, '0')}`;
  return { waId, userId: `US.${waId}00${number % 97}`, name: `User ${number}` };
}

/**
 * What WhatsApp calls the user of a number: its digits, but as they were when the account was made where the numbers of a country have
 * changed since. Seen in answers to sends: Brazil without the ninth digit of mobiles, Mexico and Argentina with the digit that they had
 * or have for mobiles alone.
 */
export function toWaId(number: string): string {
  const digits = number.replace(/\D/g, '');
  return digits
    .replace(/^(55\d{2})9(\d{8})$/, '$1$2')
    .replace(/^52(\d{10})$/, '521$1')
    .replace(/^54(?!9)(\d{10})$/, '549$1');
}

const texts: readonly [string, ...string[]] = [
  'Where is my order?',
  'Gracias 🙏🏽 ¡hasta mañana!',
  'مرحبا، أين طلبي؟',
  'שלום עולם',
  '👩‍👩‍👧‍👦 are coming',
  'line one\nline two\ttab "quotes" \\ backslash',
  '__proto__',
];

type Draw = (random: Random, mediaId: (kind: string) => string) => Record<string, unknown>;

const media =
  (kind: string, mimeType: string, more: Record<string, unknown> = {}): Draw =>
  (_random, mediaId) => ({
    type: kind,
    [kind]: { id: mediaId(kind), mime_type: mimeType, ...more },
  });

const draws: readonly [Draw, ...Draw[]] = [
  (random) => ({ type: 'text', text: { body: random.pick(texts) } }),
  (random) => ({ type: 'text', text: { body: random.pick(texts) } }),
  media('image', 'image/jpeg', { caption: 'Look' }),
  media('video', 'video/mp4'),
  media('audio', 'audio/ogg; codecs=opus', { voice: true }),
  media('document', 'application/pdf', { filename: 'bill.pdf' }),
  media('sticker', 'image/webp', { animated: false }),
  (random) => ({
    type: 'location',
    location: { latitude: random.fraction() * 90, longitude: random.fraction() * 180, name: 'Here' },
  }),
  () => ({
    type: 'contacts',
    contacts: [{ name: { formatted_name: 'Bob Lee', first_name: 'Bob' }, phones: [{ phone: '+1555' }] }],
  }),
  () => ({
    type: 'interactive',
    interactive: { type: 'button_reply', button_reply: { id: 'yes', title: 'Yes' } },
  }),
  () => ({
    type: 'interactive',
    interactive: { type: 'list_reply', list_reply: { id: 'r1', title: 'Row', description: 'The first' } },
  }),
  () => ({
    type: 'interactive',
    interactive: {
      type: 'nfm_reply',
      nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"flow_token":"t","size":"L"}' },
    },
  }),
  () => ({ type: 'button', button: { text: 'Yes', payload: 'yes' }, context: { id: 'wamid.template' } }),
  () => ({
    type: 'order',
    order: {
      catalog_id: '9',
      product_items: [{ product_retailer_id: 'sku', quantity: 1, item_price: 10, currency: 'USD' }],
    },
  }),
  (random) => ({ type: 'reaction', reaction: { message_id: 'wamid.any', emoji: random.pick(['👍', '']) } }),
  () => ({
    type: 'edit',
    edit: { original_message_id: 'wamid.any', message: { type: 'text', text: { body: 'Corrected' } } },
  }),
  () => ({ type: 'revoke', revoke: { original_message_id: 'wamid.any' } }),
  () => ({ type: 'unsupported', errors: [{ code: 131051, title: 'Message type unknown' }] }),
];

/** The members of what a user writes, all but who and when. */
export function drawMessage(random: Random, mediaId: (kind: string) => string): Record<string, unknown> {
  return random.pick(draws)(random, mediaId);
}
