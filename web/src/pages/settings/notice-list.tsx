import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Card, Tag } from 'antd';
import { api, take } from '../../api/client.ts';
import type { NoticeTarget, RecordedNotice } from '../../api/model.ts';
import { standingNoticesKey } from '../../app/notice-count.tsx';
import { useFindings } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Answered } from '../../ui/problem.tsx';
import { Ago, Time } from '../../ui/time.tsx';
import { ConfirmClock } from '../clock.tsx';
import { noticeCodes } from './notice-codes.ts';
import { toNoticePlace } from './notice-place.ts';
import { noticeTargetsKey } from './queries.ts';

const colours: Readonly<Record<RecordedNotice['severity'], string>> = {
  info: 'blue',
  warning: 'gold',
  error: 'red',
  critical: 'magenta',
};
const severities: readonly RecordedNotice['severity'][] = ['info', 'warning', 'error', 'critical'];
const refreshMs = 30_000;

/** What is on now, and all that was told, with when it ended and who is told of its kind. */
export function NoticeList() {
  const targets = useTargets();
  const standing = useStanding();
  return (
    <div className="stack">
      <Standing standing={standing} targets={targets} />
      {/* Below what is on now, however much that is. */}
      {!standing.isPending && <History targets={targets} />}
    </div>
  );
}

function useStanding() {
  return useQuery({
    queryKey: [...standingNoticesKey, 'all'],
    queryFn: () => take(api.GET('/api/v1/notices', { params: { query: { standing: true, limit: 500 } } })),
    refetchInterval: refreshMs,
  });
}

/** What is not over: since when, whose it is, where it is seen to, what to do, and who was told. */
function Standing({
  standing,
  targets,
}: {
  standing: ReturnType<typeof useStanding>;
  targets: readonly NoticeTarget[];
}) {
  const t = usePageTexts();
  const count = standing.data?.items.length ?? 0;
  return (
    <Card title={count === 0 ? t('notices.now') : `${t('notices.now')} (${count})`}>
      <Answered of={standing}>
        {({ items }) =>
          items.length === 0 ? (
            <p role="status">{t('notices.now.none')}</p>
          ) : (
            <ul className="checks standing">
              {items.map((notice) => (
                <li key={notice.id}>
                  <Severity notice={notice} />
                  <div className="attention-text stack-small">
                    <Words notice={notice} />
                    <small className="faint">
                      {t('notices.since')} <Time at={notice.since ?? notice.at} /> (
                      <Ago at={notice.since ?? notice.at} />) · <Whose notice={notice} /> ·{' '}
                      {t('notices.goes_to')}: <Recipients notice={notice} targets={targets} />
                    </small>
                    <Ways notice={notice} />
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </Card>
  );
}

function History({ targets }: { targets: readonly NoticeTarget[] }) {
  const t = usePageTexts();
  const { filters } = useFilters();
  const { severity, code, since, until } = filters;
  const wanted = {
    ...(severity !== undefined && { severity: severity as RecordedNotice['severity'] }),
    ...(code !== undefined && { code: code as RecordedNotice['code'] }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const listing = useListing(
    ['notices', 'told', wanted],
    (page) => take(api.GET('/api/v1/notices', { params: { query: { ...wanted, ...page } } })),
    { refetchInterval: refreshMs },
  );
  return (
    <div className="stack">
      <h2 className="section-head">{t('notices.all')}</h2>
      <FilterBar
        fields={[
          {
            kind: 'choice',
            name: 'severity',
            label: t('notices.severity'),
            options: severities.map((value) => ({ value, label: t(`notices.severity.${value}`) })),
          },
          {
            kind: 'choice',
            name: 'code',
            label: t('notices.code'),
            options: noticeCodes.map((value) => ({ value, label: value })),
          },
          { kind: 'period' },
        ]}
      />
      <ListingTable<RecordedNotice>
        listing={listing}
        label={t('notices.all')}
        empty={Object.keys(wanted).length === 0 ? t('notices.empty') : t('notices.empty.filter')}
        rowKey="id"
        columns={[
          { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} /> },
          {
            title: t('notices.kind_of'),
            key: 'severity',
            render: (_value, notice) => <Severity notice={notice} />,
          },
          {
            title: t('notices.text'),
            key: 'text',
            className: 'given',
            render: (_value, notice) => (
              <div className="stack-small">
                <Words notice={notice} />
                <Ways notice={notice} />
              </div>
            ),
          },
          {
            title: t('notices.goes_to'),
            key: 'to',
            className: 'given',
            render: (_value, notice) => <Recipients notice={notice} targets={targets} />,
          },
        ]}
      />
    </div>
  );
}

/** Who is told of notices of this account. */
function useTargets(): readonly NoticeTarget[] {
  const targets = useQuery({
    queryKey: noticeTargetsKey,
    queryFn: () => take(api.GET('/api/v1/notice-targets')),
  });
  return targets.data?.items ?? [];
}

function Severity({ notice: { severity, isOver } }: { notice: RecordedNotice }) {
  const t = usePageTexts();
  if (isOver) return <Tag color="green">{t('notices.over')}</Tag>;
  return <Tag color={colours[severity]}>{t(`notices.severity.${severity}`)}</Tag>;
}

function Words({ notice }: { notice: RecordedNotice }) {
  const tell = useFindings();
  return (
    <span className="url">
      {tell.notice({ ...notice, params: { ...notice.params, noticeCode: notice.code } })}
    </span>
  );
}

/** Whether it is of this account or of the whole service. */
function Whose({ notice: { scope } }: { notice: RecordedNotice }) {
  const t = usePageTexts();
  return t(scope === 'service' ? 'notices.of_service' : 'notices.of_account');
}

/** What a person's word on the clock ends. */
const clockNotices: ReadonlySet<string> = new Set(['clock_off', 'sweep_held']);

/** To where the reader sees to it, and to what to do about its kind. */
function Ways({ notice }: { notice: RecordedNotice }) {
  const t = usePageTexts();
  const place = toNoticePlace(notice);
  return (
    <span className="row">
      {place !== undefined && <Link to={place}>{t('attention.look')}</Link>}
      <Link to="/docs/$page" params={{ page: 'operations' }} hash={notice.code}>
        {t('notices.what_to_do')}
      </Link>
      {!notice.isOver && clockNotices.has(notice.code) && <ConfirmClock />}
    </span>
  );
}

/** Those who want notices of this kind, and since when one of them was not reached. */
function Recipients({
  notice: { code, severity },
  targets,
}: {
  notice: RecordedNotice;
  targets: readonly NoticeTarget[];
}) {
  const t = usePageTexts();
  const wanting = targets.filter(
    (target) =>
      target.state === 'active' &&
      (target.codes.length === 0 || target.codes.some((one) => one === code)) &&
      severities.indexOf(severity) >= severities.indexOf(target.severity),
  );
  if (wanting.length === 0) return t('notices.nobody');
  return wanting.map(({ id, name, failingSince, waiting }) => (
    <span key={id} className="recipient">
      {name} {failingSince !== null && <Tag color="red">{t('notices.not_reached')}</Tag>}
      {failingSince === null && waiting > 0 && <Tag>{t('notices.on_its_way')}</Tag>}
    </span>
  ));
}
