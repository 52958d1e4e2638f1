import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button, Card, Drawer, Tabs } from 'antd';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { api, take } from '../../api/client.ts';
import type { Destination } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { useTexts } from '../../i18n/language.tsx';
import type { TextKey } from '../../i18n/texts.ts';
import { DestinationPauseNote, DestinationStateTag } from '../../ui/labels.tsx';
import { useMedia } from '../../ui/media.ts';
import { Answered, ProblemAlert } from '../../ui/problem.tsx';
import { PreflightResult } from '../deliveries/preflight.tsx';
import { useDestination } from '../deliveries/queries.ts';
import { Secrets } from '../deliveries/secrets.tsx';
import { TestEventResult } from '../deliveries/test-event.tsx';

const tabs = ['test', 'grade', 'secret'] as const;
type Tab = (typeof tabs)[number];

const tabTexts: Readonly<Record<Tab, TextKey>> = {
  test: 'destination.test',
  grade: 'preflight.do',
  secret: 'destination.secret',
};

/** The callback URLs that settings name: how each is doing, and what can be tried there, in a drawer beside the form. */
export function CallbackUrls({ destinations }: { destinations: Readonly<Record<string, number>> }) {
  return Object.entries(destinations).map(([url, id]) => (
    <CallbackUrlCard key={id} url={url} destinationId={String(id)} />
  ));
}

function CallbackUrlCard({ url, destinationId }: { url: string; destinationId: string }) {
  const destination = useDestination(destinationId);
  return (
    <Card
      title={
        <Link to="/destinations/$destinationId" params={{ destinationId }}>
          <span className="url">{url}</span>
        </Link>
      }
    >
      <Answered of={destination} rows={1}>
        {(data) => <CallbackUrlBody destination={data} />}
      </Answered>
    </Card>
  );
}

function CallbackUrlBody({ destination }: { destination: Destination }) {
  const t = useTexts();
  const mayTry = useIsAtLeast('operator');
  const [asked, setAsked] = useState<Tab | null>(null);
  return (
    <div className="row">
      <DestinationStateTag state={destination.state} />
      <DestinationPauseNote pause={destination.pause} />
      <span className="pager-gap" />
      {mayTry &&
        tabs.map((tab) => (
          <Button
            key={tab}
            aria-haspopup="dialog"
            title={tab === 'grade' ? t('preflight.hint') : undefined}
            onClick={() => {
              setAsked(tab);
            }}
          >
            {t(tabTexts[tab])}
          </Button>
        ))}
      <TrialDrawer
        destination={destination}
        asked={asked}
        onClose={() => {
          setAsked(null);
        }}
      />
    </div>
  );
}

/** What was asked for is done at once; the others wait for their button. */
function TrialDrawer({
  destination: { id, url },
  asked,
  onClose,
}: {
  destination: Destination;
  asked: Tab | null;
  onClose: () => void;
}) {
  const t = useTexts();
  const isWide = useMedia('(min-width: 992px)');
  const destinationId = String(id);
  const toContent: Readonly<Record<Tab, () => ReactNode>> = {
    test: () => <TestTab destinationId={destinationId} runsAtOnce={asked === 'test'} />,
    grade: () => <GradeTab destinationId={destinationId} runsAtOnce={asked === 'grade'} />,
    secret: () => <Secrets destinationId={destinationId} />,
  };
  return (
    <Drawer
      open={asked !== null}
      title={<span className="url">{url}</span>}
      size={isWide ? 800 : '100%'}
      onClose={onClose}
      destroyOnHidden
    >
      {asked !== null && (
        <Tabs
          defaultActiveKey={asked}
          items={tabs.map((tab) => ({ key: tab, label: t(tabTexts[tab]), children: toContent[tab]() }))}
        />
      )}
    </Drawer>
  );
}

/** Something that is tried at a callback URL, at once or when it is asked for, and as often. */
function useTrial<Result>(key: readonly string[], runsAtOnce: boolean, run: () => Promise<Result>) {
  return useQuery({
    queryKey: key,
    queryFn: run,
    enabled: runsAtOnce,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnReconnect: false,
  });
}

interface Trial<Result> {
  readonly data: Result | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly refetch: () => unknown;
}

function TrialResult<Result>({
  trial,
  text,
  hint,
  children,
}: {
  trial: Trial<Result>;
  text: string;
  hint?: string;
  children: (result: Result) => ReactNode;
}) {
  return (
    <div className="stack">
      <div className="row">
        <Button type="primary" loading={trial.isFetching} onClick={() => void trial.refetch()}>
          {text}
        </Button>
        {hint}
      </div>
      {trial.error !== null && <ProblemAlert error={trial.error} />}
      {trial.data !== undefined && trial.error === null && children(trial.data)}
    </div>
  );
}

function TestTab({ destinationId, runsAtOnce }: { destinationId: string; runsAtOnce: boolean }) {
  const t = useTexts();
  const trial = useTrial(['trial', 'test', destinationId], runsAtOnce, () =>
    take(api.POST('/api/v1/destinations/{destinationId}/test', { params: { path: { destinationId } } })),
  );
  return (
    <TrialResult trial={trial} text={t('destination.test')}>
      {(result) => <TestEventResult result={result} />}
    </TrialResult>
  );
}

function GradeTab({ destinationId, runsAtOnce }: { destinationId: string; runsAtOnce: boolean }) {
  const t = useTexts();
  const trial = useTrial(['trial', 'grade', destinationId], runsAtOnce, () =>
    take(api.POST('/api/v1/destinations/{destinationId}/preflight', { params: { path: { destinationId } } })),
  );
  return (
    <TrialResult trial={trial} text={t('preflight.do')} hint={t('preflight.hint')}>
      {(result) => <PreflightResult result={result} />}
    </TrialResult>
  );
}
