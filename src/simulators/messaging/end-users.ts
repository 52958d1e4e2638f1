// What the users of the simulated Messenger and Instagram do.
import type { MessagingType } from './rules.ts';
import type { Random } from '../random.ts';

type Members = Readonly<Record<string, unknown>>;
/** Gives an address under which a file of that name and type can be fetched. */
type MakeFile = (name: string, mimeType: string) => string;

const users = 200;
const texts = ['Hello', 'Where is my order?', 'Grüße 👋🏽', 'مرحبا', 'Danke!', '¿Cuánto cuesta?'] as const;

type Draw = (chance: Random, makeFile: MakeFile) => Members;

const both: readonly [Draw, ...Draw[]] = [
  (chance) => ({ message: { text: chance.pick(texts) } }),
  (chance) => ({ message: { text: chance.pick(texts), reply_to: { mid: `m_${chance.digits(10)}` } } }),
  () => ({ message: { text: 'Yes', quick_reply: { payload: 'YES' } } }),
  (_chance, makeFile) => toFiles([['image', makeFile('photo.jpg', 'image/jpeg')]]),
  (_chance, makeFile) => toFiles([['audio', makeFile('voice.mp4', 'audio/mp4')]]),
  (_chance, makeFile) =>
    toFiles([
      ['image', makeFile('one.png', 'image/png')],
      ['image', makeFile('two.png', 'image/png')],
    ]),
  (chance) => ({ postback: { mid: `m_${chance.digits(22)}`, title: 'Start', payload: 'START' } }),
  (chance) => ({
    reaction: { mid: `m_${chance.digits(22)}`, action: 'react', emoji: '❤', reaction: 'love' },
  }),
  (chance) => ({ message_edit: { mid: `m_${chance.digits(22)}`, text: 'fixed', num_edit: 1 } }),
  (chance) => ({ message: { mid: `m_${chance.digits(22)}`, is_deleted: true } }),
  (chance) => ({ referral: { ref: chance.digits(4), source: 'SHORTLINK', type: 'OPEN_THREAD' } }),
];

const own: Readonly<Record<MessagingType, readonly [Draw, ...Draw[]]>> = {
  messenger: [
    ...both,
    (_chance, makeFile) => toFiles([['file', makeFile('invoice.pdf', 'application/pdf')]]),
    () => ({
      message: { attachments: [{ type: 'location', payload: { coordinates: { lat: 52.5, long: 13.4 } } }] },
    }),
    (chance) => ({
      optin: {
        type: 'notification_messages',
        payload: 'NEWS',
        notification_messages_token: chance.digits(12),
      },
    }),
    (chance) => ({ order: { products: [{ id: chance.digits(4), quantity: 1 }] } }),
  ],
  instagram: [
    ...both,
    (_chance, makeFile) => toFiles([['story_mention', makeFile('story.jpg', 'image/jpeg')]]),
    (_chance, makeFile) => ({
      message: { text: 'wow', reply_to: { story: { id: '181', url: makeFile('reply.jpg', 'image/jpeg') } } },
    }),
    () => ({ message: { attachments: [{ type: 'ephemeral' }] } }),
    () => ({ message: { is_unsupported: true } }),
  ],
};

/** Draws who does what. */
export function drawHappening(
  type: MessagingType,
  chance: Random,
  makeFile: MakeFile,
): { readonly user: string; readonly members: Members } {
  const user = `${type === 'messenger' ? '24000000000' : '90000000'}${String(chance.whole(1, users)).padStart(6, '0')}`;
  return { user, members: chance.pick(own[type])(chance, makeFile) };
}

function toFiles(files: readonly (readonly [type: string, url: string])[]): Members {
  return { message: { attachments: files.map(([type, url]) => ({ type, payload: { url } })) } };
}
