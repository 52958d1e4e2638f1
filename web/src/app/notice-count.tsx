import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, take } from '../api/client.ts';
import { useTexts } from '../i18n/language.tsx';

export const standingNoticesKey = ['notices', 'standing'] as const;
const refreshMs = 60_000;
/** More are not counted. */
const most = 99;

/** How many notices are on now, as a link to them; nothing while there are none. */
export function NoticeCount() {
  const t = useTexts();
  const { data } = useQuery({
    queryKey: [...standingNoticesKey, 'count'],
    queryFn: () =>
      take(api.GET('/api/v1/notices', { params: { query: { standing: true, limit: most + 1 } } })),
    refetchInterval: refreshMs,
  });
  const count = data?.items.length ?? 0;
  if (count === 0) return null;
  const shown = count > most ? `${most}+` : String(count);
  return (
    <Link
      to="/settings/$tab"
      params={{ tab: 'notices' }}
      className="notice-count"
      aria-label={t('nav.notices', { count: shown })}
      title={t('nav.notices', { count: shown })}
    >
      {shown}
    </Link>
  );
}
