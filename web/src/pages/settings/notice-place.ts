import type { RecordedNotice } from '../../api/model.ts';

/** The page of the console where the reader sees to what a notice tells of; undefined where there is none. */
export function toNoticePlace({
  subject,
  params,
}: Pick<RecordedNotice, 'subject' | 'params'>): string | undefined {
  const [kind = '', id = '', more = ''] = subject.split('/').map(encodeURIComponent);
  const channelId = kind === 'channel' ? id : encodeURIComponent(params['channelId'] ?? '');
  if (params['rawEventId'] !== undefined) return `/raw-events/${encodeURIComponent(params['rawEventId'])}`;
  if (kind === 'destination') return `/destinations/${id}`;
  if (kind === 'message') return `/messages/${id}`;
  if (kind === 'template' && channelId !== '') return `/templates/${channelId}/${id}/${more}`;
  if (channelId !== '') return `/channels/${channelId}`;
  return places[kind];
}

const places: Readonly<Record<string, string>> = {
  account: '/settings/account',
  callback: '/deliveries',
  key: '/settings/keys',
  user: '/settings/users',
  worker: '/',
};
